import { ServerConnection } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Session, State } from '../protocol';
import type { IDisposable } from '../transport/transport';

const API = 'jupyter-tfsession/api';

/** Milliseconds; a server without the extension is not asked all the time. */
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 300_000;

/**
 * A kernel of the server, as the server tells of it.
 */
export interface IKernelOverview {
  readonly id: string;
  /** The paths of what uses it. */
  readonly notebooks: readonly string[];
  readonly state: State | null;
}

/**
 * The sessions of all kernels of the server, whether or not this page has them open.
 *
 * #### Notes
 * The server sends what changes for as long as somebody follows it, and asks no
 * kernel for this page otherwise.
 */
export class Overview implements IDisposable {
  constructor(settings: ServerConnection.ISettings) {
    this._settings = settings;
  }

  /** Told with every change. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The kernels; `null` where the server does not tell. */
  get kernels(): readonly IKernelOverview[] | null {
    return this._kernels && [...this._kernels.values()];
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.rest();
      Signal.clearData(this);
    }
  }

  /**
   * Follows what happens from now on.
   */
  follow(): void {
    if (!this._isDisposed && !this._follows) {
      this._follows = true;
      this._wait = FIRST_WAIT;
      this._open();
    }
  }

  /**
   * Follows no more; what was known stays as it was.
   */
  rest(): void {
    this._follows = false;
    clearTimeout(this._again);
    const socket = this._socket;
    this._socket = null;
    socket?.close();
  }

  /**
   * Closes a session; resolves to why it was not closed, if it was not.
   */
  async close(kernel: string, session: Session): Promise<string | null> {
    const { baseUrl } = this._settings;
    const of = `kernels/${encodeURIComponent(kernel)}/sessions/${String(session.graph)}`;
    const body = JSON.stringify({ generation: session.generation });
    const answer = await ServerConnection.makeRequest(
      `${baseUrl}${API}/${of}/close`,
      { method: 'POST', body },
      this._settings
    );
    if (answer.ok) {
      return null;
    }
    const refusal: unknown = await answer.json().catch(() => null);
    return isRecord(refusal) && typeof refusal.message === 'string'
      ? refusal.message
      : answer.statusText;
  }

  private _open(): void {
    const { wsUrl, token, appendToken, WebSocket } = this._settings;
    const query =
      appendToken && token !== '' ? `?token=${encodeURIComponent(token)}` : '';
    const socket = new WebSocket(`${wsUrl}${API}/stream${query}`);
    this._socket = socket;
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (socket === this._socket && typeof data === 'string') {
        this._wait = FIRST_WAIT;
        this._receive(JSON.parse(data));
      }
    };
    socket.onclose = () => {
      if (socket === this._socket) {
        this._onLost();
      }
    };
  }

  private _receive(message: unknown): void {
    if (!isRecord(message)) {
      return;
    }
    if (message.type === 'kernels' && Array.isArray(message.kernels)) {
      this._kernels = new Map(
        message.kernels.filter(isKernel).map(kernel => [kernel.id, kernel])
      );
    } else if (message.type === 'kernel' && isKernel(message.kernel)) {
      this._kernels?.set(message.kernel.id, message.kernel);
    } else if (message.type === 'gone' && typeof message.id === 'string') {
      this._kernels?.delete(message.id);
    }
    this._changed.emit();
  }

  private _onLost(): void {
    this._socket = null;
    if (this._kernels !== null) {
      this._kernels = null;
      this._changed.emit();
    }
    this._again = setTimeout(() => {
      this._open();
    }, this._wait);
    this._wait = Math.min(2 * this._wait, LONGEST_WAIT);
  }

  private readonly _settings: ServerConnection.ISettings;
  private readonly _changed = new Signal<this, void>(this);
  private _kernels: Map<string, IKernelOverview> | null = null;
  private _socket: WebSocket | null = null;
  private _follows = false;
  private _wait = FIRST_WAIT;
  private _again: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isKernel(value: unknown): value is IKernelOverview {
  return (
    isRecord(value) &&
    typeof value.id === 'string' &&
    Array.isArray(value.notebooks)
  );
}
