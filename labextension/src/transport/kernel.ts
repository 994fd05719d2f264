import type { Kernel } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Reply, Request, Snapshot, State } from '../protocol';
import { Call } from './call';
import { Exchange, isMessage } from './exchange';
import { Lookout } from './lookout';
import { Nudge } from './nudge';
import type { Standing } from './standing';
import { askKernel, type IKernelFacts, Subshell } from './subshell';
import {
  type IDisposable,
  type ITransport,
  type Link,
  NotConnectedError,
  type RequestBody,
  uniqueName
} from './transport';

/**
 * The messages of the protocol over comms of a kernel connection.
 *
 * #### Notes
 * They go to a subshell, so that the kernel answers while a cell is running. Where
 * it has none, requests wait for the cell; a view keeps them meanwhile, since
 * `State` says so. Each `Call` has comms, a subshell and a view name of its own,
 * and owes nothing to the one before it.
 */
export class KernelTransport implements ITransport, Lookout.IHost {
  constructor(kernel: Kernel.IKernelConnection) {
    this._kernel = kernel;
    this._exchange = new Exchange(uniqueName(), request => {
      this._send(request);
    });
    this._lookout = new Lookout(kernel, this);
    kernel.statusChanged.connect(this._onStatus, this);
    kernel.connectionStatusChanged.connect(this._onConnection, this);
    window.addEventListener('pagehide', this._onPageHide);
    void this.connect();
  }

  get isDisposed(): boolean {
    return this._exchange.isDisposed;
  }

  get view(): string {
    return this._exchange.view;
  }

  get link(): Link {
    return this._exchange.link;
  }

  get because(): string {
    return this._exchange.because;
  }

  get snapshot(): Snapshot | null {
    return this._state && { state: this._state, tables: [], readings: [] };
  }

  get standing(): Standing {
    return this._standing;
  }

  /** Whether the kernel answers only when the running cell has ended. */
  get waits(): boolean {
    const isUnheard = this._call !== null && this._standing === 'connecting';
    return (
      this._facts?.subshells === false && (this._lookout.running || isUnheard)
    );
  }

  /** Whether a cell is running, as far as was heard. */
  get isRunning(): boolean {
    return this._lookout.running || this._state?.busy === true;
  }

  /** Told when a cell begins or ends. */
  get runningChanged(): ISignal<this, void> {
    return this._runningChanged;
  }

  /** Told when the standing has changed. */
  get standingChanged(): ISignal<this, Standing> {
    return this._standingChanged;
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    window.removeEventListener('pagehide', this._onPageHide);
    this._lookout.dispose();
    const call = this._release();
    if (this._kernel.isDisposed) {
      // It tells so while it can still send, and hears nothing any more.
      call?.drop();
    } else {
      void call?.hangUp();
    }
    this._broken?.drop();
    this._exchange.dispose();
    Signal.clearData(this);
  }

  listen(listener: ITransport.IListener): IDisposable {
    return this._exchange.listen(listener);
  }

  request(body: RequestBody): Promise<Reply> {
    return this._exchange.request(body);
  }

  /**
   * Opens the comms anew; resolves when they are under way.
   */
  async connect(): Promise<void> {
    void this._release()?.hangUp();
    this._broken?.drop();
    this._broken = null;
    const attempt = this._attempt;
    this._lookout.asking();
    if (this._standing !== 'absent') {
      this._setStanding('connecting');
    }
    let subshell: Subshell | null = null;
    try {
      this._facts ??= await askKernel(this._kernel);
      if (this._facts.language === 'python' && this._facts.subshells) {
        // Without one it works, too, but waits for running cells.
        subshell = await Subshell.start(this._kernel).catch(() => null);
      }
    } catch {
      return; // restarted, gone or out of reach: one of the signals tells
    }
    if (attempt !== this._attempt) {
      subshell?.end();
    } else if (this._facts.language !== 'python') {
      this._setStanding('foreign');
    } else {
      this._begin(subshell);
    }
  }

  /**
   * Has the kernel tell its state to all who listen.
   */
  async look(): Promise<void> {
    if (this._standing === 'connected') {
      const reply = await this.request({ type: 'hello' });
      if (reply.type === 'ok') {
        this._receive(reply.result);
      }
    }
  }

  /**
   * Notes that a cell begins.
   */
  onBegin(label: string): void {
    if (this._state?.answers === 'after_cell') {
      // The kernel says so as well, but requests sent before that would wait in it.
      this._receive({ ...this._state, busy: true, cell: label });
    }
    this._runningChanged.emit();
  }

  /**
   * Notes that a cell has ended.
   */
  onEnd(): void {
    this._runningChanged.emit();
  }

  private _begin(subshell: Subshell | null): void {
    const hello = uniqueName();
    const call = new Call(this._kernel, {
      subshell,
      onMessage: data => {
        if (isMessage(data) && data.type === 'ok' && data.id === hello) {
          this._nudge?.dispose();
          this._exchange.setLink('connected');
          this._setStanding('connected');
          this._receive(data.result);
        }
        this._receive(data);
      },
      onClose: () => {
        this._onClose();
      }
    });
    this._call = call;
    if (subshell !== null) {
      // Without one an answer may take until the running cell has ended.
      this._nudge = new Nudge(this._kernel);
    }
    this._exchange.view = call.view;
    call.send({ type: 'hello', version: 1, id: hello });
    this._runningChanged.emit(); // it may take until a cell has ended
  }

  private _send(request: Request): void {
    if (this._call === null) {
      throw new NotConnectedError();
    }
    this._call.send(request);
  }

  private _receive(message: unknown): void {
    if (isMessage(message)) {
      if (message.type === 'state') {
        this._state = message;
      } else if (message.type === 'ended') {
        this._because = message.because;
      }
    }
    this._exchange.receive(message);
  }

  /**
   * Lets go of the connection and returns it.
   */
  private _release(): Call | null {
    this._attempt += 1;
    this._nudge?.dispose();
    const call = this._call;
    this._call = null;
    return call;
  }

  private _lose(standing: Standing): void {
    const call = this._release();
    if (standing === 'disconnected') {
      // The kernel has it still, and can be told when it is heard again.
      this._broken = call ?? this._broken;
    } else {
      call?.forget();
      this._facts = undefined;
      this._state = null;
      this._lookout.clear();
    }
    this._exchange.setLink('lost', this._because);
    this._because = '';
    this._setStanding(standing);
  }

  private _setStanding(standing: Standing): void {
    if (standing !== this._standing) {
      this._standing = standing;
      this._standingChanged.emit(standing);
    }
  }

  private _onClose(): void {
    void this._release()?.hangUp();
    this._state = null;
    this._exchange.setLink('lost', this._because);
    this._because = '';
    this._setStanding('absent');
  }

  private _onStatus(): void {
    const { status } = this._kernel;
    if (status === 'restarting' || status === 'autorestarting') {
      this._lose('restarting');
    } else if (status === 'dead' || status === 'terminating') {
      this._lose('dead');
    } else if (
      status !== 'unknown' &&
      (this._standing === 'restarting' || this._standing === 'dead')
    ) {
      void this.connect();
    }
  }

  private _onConnection(): void {
    const isUp = this._kernel.connectionStatus === 'connected';
    const { standing } = this;
    if (isUp && (standing === 'disconnected' || standing === 'connecting')) {
      void this.connect();
    } else if (!isUp && standing !== 'restarting' && standing !== 'dead') {
      this._lose('disconnected');
    }
  }

  /** A page that goes away would leave the subshell behind in the kernel. */
  private readonly _onPageHide = (): void => {
    this._release()?.drop();
  };

  private readonly _kernel: Kernel.IKernelConnection;
  private readonly _exchange: Exchange;
  private readonly _lookout: Lookout;
  private readonly _standingChanged = new Signal<this, Standing>(this);
  private readonly _runningChanged = new Signal<this, void>(this);
  private _standing: Standing = 'connecting';
  private _facts: IKernelFacts | undefined;
  private _state: State | null = null;
  private _because = '';
  private _call: Call | null = null;
  private _nudge: Nudge | null = null;
  private _broken: Call | null = null;
  private _attempt = 0;
}
