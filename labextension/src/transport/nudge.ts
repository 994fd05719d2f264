import type { Kernel } from '@jupyterlab/services';
import type { IDisposable } from './transport';

/**
 * How long a kernel may take to answer that can answer at once, in milliseconds.
 */
const PATIENCE = 5_000;

/**
 * Has a kernel notice what it was sent, as long as it does not answer.
 *
 * #### Notes
 * ipykernel 7.0 to 7.3 may not notice a request, ours or a cell's, until another
 * client connects to it (ipython/ipykernel#1554). Where the extension is loaded it
 * does; where it is not, nothing but a connection helps.
 */
export class Nudge implements IDisposable {
  constructor(kernel: Pick<Kernel.IKernelConnection, 'clone'>) {
    this._interval = setInterval(() => {
      this._connection?.dispose();
      this._connection = kernel.clone();
    }, PATIENCE);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    clearInterval(this._interval);
    this._connection?.dispose();
  }

  private readonly _interval: ReturnType<typeof setInterval>;
  private _connection: Kernel.IKernelConnection | undefined;
  private _isDisposed = false;
}
