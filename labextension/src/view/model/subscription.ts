import type { State } from '../../protocol';
import type { IDisposable, ITransport } from '../../transport/transport';

/**
 * What a view wants to be sent.
 */
export interface IWishes {
  readonly graph: number | null;
  readonly globs: string[];
  /** Ids of the variables to be read; `null` stands for the first thousand. */
  readonly rows: number[] | null;
  readonly detail: number | null;
  readonly interval: number;
  /** Whether the user wants no new values. */
  readonly paused: boolean;
  /** Whether nobody can see them. */
  readonly hidden: boolean;
}

/**
 * The kernel forgets a view that it has not heard of for a minute.
 */
const RENEWAL = 20_000;

/**
 * Scrolling changes the wishes with every row.
 */
const CALM = 150;

/**
 * Keeps a view subscribed to what it wants.
 *
 * #### Notes
 * At most one subscription is under way: while a cell keeps the kernel from
 * answering, all changes together become one more.
 */
export class Subscription implements IDisposable {
  constructor(
    transport: ITransport,
    wishes: IWishes,
    onState: (state: State) => void
  ) {
    this._transport = transport;
    this._wishes = wishes;
    this._onState = onState;
    this._renewal = setInterval(() => {
      this._send();
    }, RENEWAL);
    this._send();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get wishes(): IWishes {
    return this._wishes;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    clearInterval(this._renewal);
    clearTimeout(this._calm);
    const { view } = this._transport;
    // Nobody waits for the answer, and there may be nobody to give one.
    this._transport.request({ type: 'unsubscribe', view }).catch(() => {
      // Gone already.
    });
  }

  /**
   * Changes some of the wishes.
   */
  change(wishes: Partial<IWishes>): void {
    const before = JSON.stringify(this._wishes);
    this._wishes = { ...this._wishes, ...wishes };
    if (JSON.stringify(this._wishes) !== before && !this._isDisposed) {
      clearTimeout(this._calm);
      this._calm = setTimeout(() => {
        this._send();
      }, CALM);
    }
  }

  /**
   * Subscribes again, on a kernel that has forgotten the view.
   */
  renew(): void {
    this._underway = false;
    this._send();
  }

  private _send(): void {
    if (this._underway) {
      this._again = true;
      return;
    }
    this._underway = true;
    this._again = false;
    const { hidden, ...wishes } = this._wishes;
    const paused = wishes.paused || hidden;
    const { view } = this._transport;
    this._transport
      .request({ type: 'subscribe', view, ...wishes, paused })
      .then(reply => {
        this._underway = false;
        if (reply.type === 'ok' && reply.result?.type === 'state') {
          this._onState(reply.result);
        }
        if (this._again && !this._isDisposed) {
          this._send();
        }
      })
      .catch(() => {
        this._underway = false;
      });
  }

  private readonly _transport: ITransport;
  private readonly _onState: (state: State) => void;
  private readonly _renewal: ReturnType<typeof setInterval>;
  private _wishes: IWishes;
  private _calm: ReturnType<typeof setTimeout> | undefined;
  private _underway = false;
  private _again = false;
  private _isDisposed = false;
}
