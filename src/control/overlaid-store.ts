import type { Store } from '../store/store.ts';

/** The store with some methods in place of its own. */
export function overlaid(store: Store, own: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, key) {
      const method: unknown = Reflect.get(own, key) ?? Reflect.get(target, key);
      return typeof method === 'function' ? method.bind(target) : method;
    },
  });
}
