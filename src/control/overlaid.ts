/** A port with some methods in place of its own. */
export function overlaid<Port extends object>(port: Port, own: Partial<Port>): Port {
  return new Proxy(port, {
    get(target, key) {
      const method: unknown = Reflect.get(own, key) ?? Reflect.get(target, key);
      return typeof method === 'function' ? method.bind(target) : method;
    },
  });
}
