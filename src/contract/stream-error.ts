/**
 * A failure after the first byte of a stream can't change the status any more. To clients that say `TE: trailers` it is told
 * in this trailer, as the error shape in JSON; for the others the connection breaks off, so that nobody takes a part for the whole.
 */
export const streamErrorTrailer = 'nightshift-error';
