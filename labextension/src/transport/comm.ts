import {
  CommsOverSubshells,
  type Kernel,
  KernelMessage
} from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import type { Opened, Request } from '../protocol';
import { type IDisposable, uniqueName } from './transport';

/**
 * The target that the kernel side registers.
 */
export const TARGET = 'jupyter.tfsession';

/**
 * The part of a kernel connection that is used here.
 */
export type KernelShell = Pick<
  Kernel.IKernelConnection,
  | 'clientId'
  | 'createComm'
  | 'handleComms'
  | 'iopubMessage'
  | 'sendShellMessage'
  | 'username'
>;

/**
 * A comm whose messages go to a subshell of our own.
 *
 * #### Notes
 * JupyterLab's comms start a subshell only when they know what the kernel can do,
 * which takes until the running cell has ended; and only where the settings of the
 * user say so. So the messages are made here.
 */
export class Comm implements IDisposable {
  constructor(kernel: KernelShell, options: Comm.IOptions) {
    this._kernel = kernel;
    this._options = options;
    if (kernel.handleComms) {
      // Has JupyterLab know of it: it complains of comms that it does not know.
      this._known = kernel.createComm(TARGET, this._id);
      this._known.commsOverSubshells = CommsOverSubshells.Disabled;
    }
    kernel.iopubMessage.connect(this._onMessage, this);
    this._post('comm_open', {
      target_name: TARGET,
      data: options.opened as unknown as JSONObject
    });
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Forgets the comm, without a word to the kernel.
   */
  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._kernel.iopubMessage.disconnect(this._onMessage, this);
      this._known?.dispose();
    }
  }

  send(request: Request): void {
    this._post('comm_msg', { data: request as unknown as JSONObject });
  }

  /**
   * Tells the kernel that nobody listens any more; resolves when it has heard.
   *
   * @param subshell - The subshell that hears it, where it is not the comm's own.
   */
  async close(subshell = this._options.subshell): Promise<void> {
    if (!this._isDisposed) {
      this.dispose();
      await this._post('comm_close', { data: {} }, subshell).done;
    }
  }

  private _post(
    msgType: 'comm_close' | 'comm_msg' | 'comm_open',
    content: JSONObject,
    subshell = this._options.subshell
  ): Kernel.IShellFuture {
    const message = KernelMessage.createMessage({
      msgType,
      channel: 'shell',
      session: this._kernel.clientId,
      username: this._kernel.username,
      subshellId: subshell,
      content: { comm_id: this._id, ...content }
    } as KernelMessage.IOptions<KernelMessage.ICommMsgMsg<'shell'>>);
    return this._kernel.sendShellMessage(message, false, true);
  }

  private _onMessage(_: unknown, message: KernelMessage.IMessage): void {
    if (
      KernelMessage.isCommMsgMsg(message) &&
      message.content.comm_id === this._id
    ) {
      this._options.onMessage(message.content.data);
    } else if (
      KernelMessage.isCommCloseMsg(message) &&
      message.content.comm_id === this._id
    ) {
      this.dispose();
      this._options.onClose();
    }
  }

  private readonly _kernel: KernelShell;
  private readonly _options: Comm.IOptions;
  private readonly _id = uniqueName();
  private readonly _known: Kernel.IComm | undefined;
  private _isDisposed = false;
}

export namespace Comm {
  export interface IOptions {
    readonly opened: Opened;
    /** The subshell that handles the messages; the main shell without one. */
    readonly subshell: string | null;
    readonly onMessage: (data: unknown) => void;
    /** The kernel has closed it, or has never had such a target. */
    readonly onClose: () => void;
  }
}
