// Events with types: a name, and a value that listeners get. A listener that throws is a bug of the listener; it does
// not keep the others from hearing.

export type Listener<T> = (value: T) => void;

export class TypedEvents<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();

  /** Calls `listener` at each such event until the returned function is called. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** For whoever owns the events: calls the listeners of that name, in the order in which they came. */
  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        (listener as Listener<Events[Name]>)(value);
      } catch (error) {
        // Rethrown where it is nobody's state that is half updated: the process's own handler decides.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
