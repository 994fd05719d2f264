import type { IDisposable } from './transport';

/**
 * Those who are told of something.
 */
export class Listeners<T> {
  /**
   * Adds one, until what is returned is disposed of.
   */
  add(listener: T): IDisposable {
    const listeners = this._listeners;
    listeners.add(listener);
    return {
      get isDisposed() {
        return !listeners.has(listener);
      },
      dispose() {
        listeners.delete(listener);
      }
    };
  }

  /**
   * Tells each of those that there are now.
   */
  tell(how: (listener: T) => void): void {
    for (const listener of [...this._listeners]) {
      how(listener);
    }
  }

  clear(): void {
    this._listeners.clear();
  }

  private readonly _listeners = new Set<T>();
}
