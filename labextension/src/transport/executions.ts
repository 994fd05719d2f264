import { type Kernel, KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from './transport';

/**
 * Follows which cells a kernel runs, whoever had them run.
 *
 * #### Notes
 * A kernel's status tells less: messages to comms make it busy as well.
 */
export class Executions implements IDisposable {
  constructor(
    kernel: Pick<Kernel.IKernelConnection, 'iopubMessage'>,
    listener: Executions.IListener
  ) {
    this._kernel = kernel;
    this._listener = listener;
    kernel.iopubMessage.connect(this._onMessage, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Whether a cell is running, as far as was heard. */
  get running(): boolean {
    return this._running.size > 0;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._kernel.iopubMessage.disconnect(this._onMessage, this);
    }
  }

  /**
   * Forgets what was running: the kernel has begun anew.
   */
  clear(): void {
    this._running.clear();
  }

  private _onMessage(_: unknown, message: KernelMessage.IMessage): void {
    const parent =
      'msg_id' in message.parent_header ? message.parent_header.msg_id : '';
    if (KernelMessage.isExecuteInputMsg(message)) {
      const { code, execution_count: count } = message.content;
      this._running.set(parent, code);
      this._listener.onBegin(`[${String(count)}]`);
    } else if (
      KernelMessage.isStatusMsg(message) &&
      message.content.execution_state === 'idle'
    ) {
      const code = this._running.get(parent);
      if (code !== undefined) {
        this._running.delete(parent);
        this._listener.onEnd(code);
      }
    }
  }

  private readonly _kernel: Pick<Kernel.IKernelConnection, 'iopubMessage'>;
  private readonly _listener: Executions.IListener;
  private readonly _running = new Map<string, string>();
  private _isDisposed = false;
}

export namespace Executions {
  export interface IListener {
    /** A cell begins; `[7]` is its label. */
    onBegin(label: string): void;
    /** A cell with this source has ended. */
    onEnd(code: string): void;
  }
}
