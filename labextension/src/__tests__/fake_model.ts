import type { Request } from '../protocol';
import type { IWidgetModel } from '../transport/anywidget';

/**
 * The model of a widget, with what it was given to send.
 */
export class FakeModel implements IWidgetModel {
  readonly sent: Request[] = [];
  readonly traits: Record<string, unknown> = { snapshot: {}, connected: true };
  isGone = false;

  get(trait: string): unknown {
    return this.traits[trait];
  }

  send(content: unknown): void {
    if (this.isGone) {
      throw new Error('Cannot send');
    }
    this.sent.push(content as Request);
  }

  on(event: string, callback: (value: unknown) => void): void {
    const callbacks = this._callbacks.get(event) ?? new Set();
    this._callbacks.set(event, callbacks.add(callback));
  }

  off(event: string, callback: (value: unknown) => void): void {
    this._callbacks.get(event)?.delete(callback);
  }

  trigger(event: string, value?: unknown): void {
    for (const callback of this._callbacks.get(event) ?? []) {
      callback(value);
    }
  }

  get listeners(): number {
    return [...this._callbacks.values()].reduce((n, { size }) => n + size, 0);
  }

  private readonly _callbacks = new Map<
    string,
    Set<(value: unknown) => void>
  >();
}
