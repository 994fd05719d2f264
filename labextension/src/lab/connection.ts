import type { Kernel } from '@jupyterlab/services';
import type { IDisposable as ILuminoDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { State } from '../protocol';
import { KernelTransport } from '../transport/kernel';
import type { Standing } from '../transport/standing';
import type { IDisposable } from '../transport/transport';

/**
 * Why the extension could not be loaded in a kernel.
 */
export interface IFailure {
  /** Whether it is not installed in the kernel's environment. */
  readonly missing: boolean;
  readonly text: string;
}

/**
 * What is between this page and one kernel; there is one for each kernel.
 */
export class Connection implements ILuminoDisposable {
  constructor(kernel: Kernel.IKernelConnection) {
    this.kernel = kernel;
    this.transport = new KernelTransport(kernel);
    this._listening = this.transport.listen({
      onEvent: event => {
        if (event.type === 'state') {
          this._state = event;
          this._failure = null;
          if (event.sessions.length > 0) {
            this._lostAt = null;
          }
          this._changed.emit();
        }
      },
      onLink: () => {
        this._changed.emit();
      }
    });
    this.transport.standingChanged.connect(this._onStanding, this);
    this.transport.runningChanged.connect(this._onRunning, this);
  }

  readonly kernel: Kernel.IKernelConnection;
  readonly transport: KernelTransport;

  /** Told with every change of what is known. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Told when the extension has never been loaded in the kernel. */
  get missed(): ISignal<this, void> {
    return this._missed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get standing(): Standing {
    return this.transport.standing;
  }

  /** What the kernel told last; `null` where that is of no interest any more. */
  get state(): State | null {
    return this._state;
  }

  /** When values were lost because the kernel was restarted, until there are others. */
  get lostAt(): Date | null {
    return this._lostAt;
  }

  /** Goes up when the kernel begins anew, so that what was known means nothing. */
  get life(): number {
    return this._life;
  }

  /** Whether the extension has never been loaded: who unloads it has his reasons. */
  get isMissed(): boolean {
    return this.standing === 'absent' && !this._wasLoaded;
  }

  /** Whether a cell is running. */
  get isRunning(): boolean {
    return this.transport.isRunning;
  }

  get isLoading(): boolean {
    return this._isLoading;
  }

  get failure(): IFailure | null {
    return this._failure;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._listening.dispose();
    this.transport.dispose();
    this._changed.emit();
    Signal.clearData(this);
  }

  /**
   * Loads the extension in the kernel, after the running cell.
   */
  async load(): Promise<void> {
    if (this._isLoading || this._isDisposed) {
      return;
    }
    this._isLoading = true;
    this._failure = null;
    this._changed.emit();
    try {
      const { content } = await this.kernel.requestExecute({
        code: '%load_ext jupyter_tfsession',
        silent: true,
        store_history: false,
        allow_stdin: false,
        stop_on_error: false
      }).done;
      if (content.status === 'error') {
        this._failure = {
          missing:
            content.ename === 'ModuleNotFoundError' &&
            /jupyter_tfsession(?!\.)/.test(content.evalue),
          text: `${content.ename}: ${content.evalue}`
        };
      } else {
        await this.transport.connect();
      }
    } catch {
      // The kernel is gone: the standing says so.
    } finally {
      this._isLoading = false;
      this._changed.emit();
    }
  }

  private _onStanding(_: unknown, standing: Standing): void {
    if (standing === 'restarting' || standing === 'dead') {
      if ((this._state?.sessions.length ?? 0) > 0) {
        this._lostAt = new Date();
      }
      this._life += 1;
      this._wasLoaded = false;
    }
    if (standing !== 'connected' && standing !== 'disconnected') {
      this._state = null;
    } else if (standing === 'connected') {
      this._failure = null;
      this._wasLoaded = true;
    }
    this._changed.emit();
    if (this.isMissed) {
      this._missed.emit();
    }
  }

  private _onRunning(): void {
    this._changed.emit();
  }

  private readonly _listening: IDisposable;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _missed = new Signal<this, void>(this);
  private _state: State | null = null;
  private _lostAt: Date | null = null;
  private _life = 0;
  private _wasLoaded = false;
  private _isLoading = false;
  private _failure: IFailure | null = null;
  private _isDisposed = false;
}
