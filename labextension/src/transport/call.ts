import type { Request } from '../protocol';
import { Comm, type KernelShell } from './comm';
import type { KernelControl, Subshell } from './subshell';
import { uniqueName } from './transport';

/**
 * The two comms of one connection to a kernel, and the subshell that they go to.
 *
 * #### Notes
 * Requests go over one of them, which the kernel answers while it handles them, and
 * events come over the other: a kernel that sends on a comm at other times hears it
 * in the main shell from then on.
 */
export class Call {
  constructor(kernel: Call.IKernel, options: Call.IOptions) {
    this._subshell = options.subshell;
    const { onMessage, onClose } = options;
    const open = (role: 'events' | 'requests') =>
      new Comm(kernel, {
        opened: { version: 1, role, view: this.view },
        subshell: this._subshell?.id ?? null,
        onMessage,
        onClose: () => {
          // Both are closed, and JupyterLab complains of comms forgotten before.
          if (this._comms.every(comm => comm.isDisposed)) {
            onClose();
          }
        }
      });
    this._requests = open('requests');
    this._comms = [this._requests, open('events')];
  }

  /** What the view is called in this connection. */
  readonly view = uniqueName();

  send(request: Request): void {
    this._requests.send(request);
  }

  /**
   * Closes the comms, and ends the subshell when the kernel has heard of it.
   */
  async hangUp(): Promise<void> {
    try {
      await Promise.all(this._comms.map(comm => comm.close()));
      this._subshell?.end();
    } catch {
      // The kernel is gone, and the subshell with it.
    }
  }

  /**
   * Does the same where there is no time to wait for the kernel.
   */
  drop(): void {
    for (const comm of this._comms) {
      // The subshell might be gone before it hears this.
      comm.close(null).catch(() => undefined);
    }
    this._subshell?.end();
  }

  /**
   * Forgets the comms and the subshell, which went with the kernel.
   */
  forget(): void {
    for (const comm of this._comms) {
      comm.dispose();
    }
    this._subshell?.forget();
  }

  private readonly _subshell: Subshell | null;
  private readonly _requests: Comm;
  private readonly _comms: readonly Comm[];
}

export namespace Call {
  export type IKernel = KernelControl & KernelShell;

  export interface IOptions {
    /** The main shell without one. */
    readonly subshell: Subshell | null;
    readonly onMessage: (data: unknown) => void;
    /** The kernel has closed it, or has nobody there to answer. */
    readonly onClose: () => void;
  }
}
