import type { Kernel } from '@jupyterlab/services';
import { Executions } from './executions';
import type { Standing } from './standing';
import type { IDisposable } from './transport';

/**
 * Whether the extension is there now is not asked after every cell: a kernel logs
 * each question that it has no answer to.
 */
const ASK_AGAIN = 10_000;

/**
 * Cells that follow each other at once are one reason to look.
 */
const CALM = 200;

/**
 * Knows when it is worth asking a kernel: when a cell has ended, not now and then.
 */
export class Lookout implements IDisposable {
  constructor(
    kernel: Pick<Kernel.IKernelConnection, 'iopubMessage'>,
    host: Lookout.IHost
  ) {
    this._host = host;
    this._executions = new Executions(kernel, {
      onBegin: label => {
        host.onBegin(label);
      },
      onEnd: code => {
        this._onEnd(code);
        host.onEnd();
      }
    });
  }

  get isDisposed(): boolean {
    return this._executions.isDisposed;
  }

  /** Whether a cell is running, as far as was heard. */
  get running(): boolean {
    return this._executions.running;
  }

  dispose(): void {
    clearTimeout(this._looking);
    this._executions.dispose();
  }

  /**
   * Notes that the kernel is being asked whether the extension is there.
   */
  asking(): void {
    this._asked = Date.now();
  }

  /**
   * Forgets what was running: the kernel has begun anew.
   */
  clear(): void {
    this._executions.clear();
  }

  private _onEnd(code: string): void {
    const { standing } = this._host;
    if (standing === 'connected') {
      clearTimeout(this._looking);
      this._looking = setTimeout(() => {
        this._host.look().catch(() => {
          // Lost meanwhile.
        });
      }, CALM);
    } else if (
      standing === 'absent' &&
      (code.includes('tfsession') || Date.now() - this._asked > ASK_AGAIN)
    ) {
      void this._host.connect();
    }
  }

  private readonly _executions: Executions;
  private readonly _host: Lookout.IHost;
  private _asked = 0;
  private _looking: ReturnType<typeof setTimeout> | undefined;
}

export namespace Lookout {
  export interface IHost {
    readonly standing: Standing;
    /** Asks whether the extension is there. */
    connect(): Promise<void>;
    /** Asks for the state. */
    look(): Promise<void>;
    onBegin(label: string): void;
    onEnd(): void;
  }
}
