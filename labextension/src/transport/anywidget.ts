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
 * What ipywidgets' views are marked with while their model has no comm.
 */
const DISCONNECTED = 'jupyter-widgets-disconnected';

/**
 * The messages of the protocol as the custom messages of a widget's model.
 *
 * #### Notes
 * Widgets are not told of a kernel that is restarted or gone in any way that all
 * front ends share. JupyterLab and Notebook mark the widget's element; elsewhere
 * a kernel that is not busy and does not answer is taken to be gone.
 */
export class WidgetTransport implements ITransport {
  constructor(model: IWidgetModel, host: HTMLElement) {
    this._model = model;
    this._host = host;
    this._exchange = new Exchange(this.view, request => {
      this._send(request);
    });
    this._busy = this.snapshot?.state.busy ?? false;
    model.on('msg:custom', this._onMessage);
    model.on('comm_live_update', this._onLife);
    model.on('change:connected', this._onLife);
    this._marks = new MutationObserver(this._onLife);
    this._marks.observe(host, { attributeFilter: ['class'] });
    this._onLife();
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
    this._marks.disconnect();
    this._model.off('msg:custom', this._onMessage);
    this._model.off('comm_live_update', this._onLife);
    this._model.off('change:connected', this._onLife);
    this._exchange.dispose();
  }

  listen(listener: ITransport.IListener): IDisposable {
    return this._exchange.listen(listener);
  }

  request(body: RequestBody): Promise<Reply> {
    return this._exchange.request(body);
  }

  private _send(request: Request): void {
    this._model.send(request);
    clearTimeout(this._silence);
    this._silence = setTimeout(() => {
      if (!this._busy) {
        this._exchange.setLink('lost');
      }
    }, PATIENCE);
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
    } else if (this._alive()) {
      this._exchange.setLink('connected');
    }
    this._exchange.receive(message);
  };

  private readonly _onLife = (): void => {
    if (!this._alive()) {
      clearTimeout(this._silence);
      this._exchange.setLink('lost', this._exchange.because);
    } else if (this._exchange.link === 'lost') {
      this._exchange.setLink('connecting');
    }
  };

  private _alive(): boolean {
    return (
      this._model.get('connected') !== false &&
      !this._host.classList.contains(DISCONNECTED)
    );
  }

  private readonly _model: IWidgetModel;
  private readonly _host: HTMLElement;
  private readonly _exchange: Exchange;
  private readonly _marks: MutationObserver;
  private _silence: ReturnType<typeof setTimeout> | undefined;
  private _busy: boolean;
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
