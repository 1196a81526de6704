/** Where what people write may make the daemon send to: `anywhere`, or only public addresses and these: addresses and networks such as `10.0.0.0/8`. */
export type Reach = 'anywhere' | readonly string[];
