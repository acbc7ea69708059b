export const nothing = () => '';
/** Answers whatever is asked of it with itself, or with what can be called: enough for most components to run to their end. */
export const anything: object = new Proxy(
  {},
  {
    get: (_, name) => {
      if (name === 'then' || name === '$$typeof') return undefined;
      if (name === 'length') return 0;
      if (name === Symbol.iterator) return () => [][Symbol.iterator]();
      const method =
        typeof name === 'symbol' || name in Array.prototype || name in String.prototype;
      return method ? nothing : anything;
    },
  },
);
