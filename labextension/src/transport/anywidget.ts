import type { Reply, Request, Snapshot } from '../protocol';
import { Exchange, isMessage } from './exchange';
import {
  type IDisposable,
  type ITransport,
  type Link,
  type RequestBody,
  uniqueName
} from './transport';

/**
 * The part of anywidget's model that is used here.
 */
export interface IWidgetModel {
  get(trait: string): unknown;
  send(content: unknown): void;
  on(event: string, callback: (value: unknown) => void): void;
  off(event: string, callback: (value: unknown) => void): void;
}

/**
 * How long an idle kernel may be silent after a request.
 */
const PATIENCE = 6_000;

/**
 * How long a busy kernel may be silent: it gives a sign of life every 15 seconds, but a
 * cell may keep all threads from running for a while.
 */
const BUSY_PATIENCE = 120_000;

/**
 * The messages of the protocol as the custom messages of a widget's model.
 *
 * #### Notes
 * JupyterLab and Notebook tell widgets that their comm was lost or found, but not
 * which of the two; other front ends and reopened notebooks tell nothing. So the
 * kernel is taken to be gone when the comm changes, when it is not busy and does
 * not answer, and when it was busy and sends nothing more; and to be there whenever
 * it is heard of.
 */
export class WidgetTransport implements ITransport {
  constructor(model: IWidgetModel) {
    this._model = model;
    this._exchange = new Exchange(this.view, request => {
      this._send(request);
    });
    model.on('msg:custom', this._onMessage);
    model.on('comm_live_update', this._onCommChange);
    model.on('change:connected', this._onUnload);
    this._onUnload();
  }

  readonly view = uniqueName();

  get isDisposed(): boolean {
    return this._exchange.isDisposed;
  }

  get link(): Link {
    return this._exchange.link;
  }

  get because(): string {
    return this._exchange.because;
  }

  get snapshot(): Snapshot | null {
    const snapshot = this._model.get('snapshot');
    return isSnapshot(snapshot) ? snapshot : null;
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    clearTimeout(this._silence);
    this._model.off('msg:custom', this._onMessage);
    this._model.off('comm_live_update', this._onCommChange);
    this._model.off('change:connected', this._onUnload);
    this._exchange.dispose();
  }

  listen(listener: ITransport.IListener): IDisposable {
    return this._exchange.listen(listener);
  }

  request(body: RequestBody): Promise<Reply> {
    return this._exchange.request(body);
  }

  private _send(request: Request): void {
    try {
      this._model.send(request);
    } catch (error) {
      clearTimeout(this._silence);
      this._exchange.setLink('lost');
      throw error;
    }
    if (!this._busy) {
      this._expect(PATIENCE);
    }
  }

  /**
   * Takes the kernel to be gone if it is not heard of for so long.
   */
  private _expect(patience: number): void {
    clearTimeout(this._silence);
    this._silence = setTimeout(() => {
      this._busy = false;
      this._exchange.setLink('lost');
    }, patience);
  }

  private readonly _onMessage = (message: unknown): void => {
    clearTimeout(this._silence);
    if (!isMessage(message)) {
      return;
    }
    if (message.type === 'state') {
      this._busy = message.busy;
    }
    if (message.type === 'ended') {
      this._exchange.setLink('lost', message.because);
    } else {
      this._exchange.setLink('connected');
      if (this._busy) {
        this._expect(BUSY_PATIENCE);
      }
    }
    this._exchange.receive(message);
  };

  private readonly _onCommChange = (): void => {
    clearTimeout(this._silence);
    this._exchange.setLink('lost');
    const hello: Request = { type: 'hello', version: 1, id: uniqueName() };
    try {
      this._model.send(hello);
    } catch {
      // What a comm that is gone does.
    }
  };

  private readonly _onUnload = (): void => {
    if (this._model.get('connected') === false) {
      clearTimeout(this._silence);
      this._exchange.setLink('lost', this._exchange.because);
    }
  };

  private readonly _model: IWidgetModel;
  private readonly _exchange: Exchange;
  private _silence: ReturnType<typeof setTimeout> | undefined;
  private _busy = false;
}

function isSnapshot(value: unknown): value is Snapshot {
  return (
    typeof value === 'object' &&
    value !== null &&
    'state' in value &&
    'tables' in value &&
    'readings' in value
  );
}
