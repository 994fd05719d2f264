import { type Kernel, KernelMessage } from '@jupyterlab/services';
import { Claim } from './claim';

/**
 * The part of a kernel connection that is used here.
 */
export type KernelControl = Pick<
  Kernel.IKernelConnection,
  'clientId' | 'id' | 'sendControlMessage' | 'username'
>;

/**
 * What a kernel says of itself.
 */
export interface IKernelFacts {
  readonly language: string;
  readonly subshells: boolean;
}

/**
 * Asks a kernel what it is.
 *
 * #### Notes
 * JupyterLab asks on the shell channel, and knows nothing about a kernel that was
 * running a cell when the page was opened. On the control channel it answers at
 * once.
 */
export async function askKernel(kernel: KernelControl): Promise<IKernelFacts> {
  const question = KernelMessage.createMessage<KernelMessage.IInfoRequestMsg>({
    msgType: 'kernel_info_request',
    channel: 'shell',
    session: kernel.clientId,
    username: kernel.username,
    content: {}
  });
  const content = (await ask(
    kernel,
    // Kernels take on the control channel whatever they take on the other;
    // JupyterLab's types do not say so.
    {
      ...question,
      channel: 'control'
    } as unknown as KernelMessage.IControlMessage
  )) as KernelMessage.IInfoReplyMsg['content'];
  if (content.status !== 'ok') {
    throw new Error('the kernel does not say what it is');
  }
  const features: readonly string[] = content.supported_features ?? [];
  return {
    language: content.language_info.name.toLowerCase(),
    subshells: features.includes('kernel subshells')
  };
}

/**
 * A subshell of our own, which answers while a cell is running.
 */
export class Subshell {
  private constructor(kernel: KernelControl, claim: Claim) {
    this._kernel = kernel;
    this._claim = claim;
  }

  /**
   * Starts one, and ends those that pages which are gone have left in the kernel.
   */
  static async start(kernel: KernelControl): Promise<Subshell> {
    const content = (await ask(
      kernel,
      KernelMessage.createMessage<KernelMessage.ICreateSubshellRequestMsg>({
        msgType: 'create_subshell_request',
        channel: 'control',
        session: kernel.clientId,
        username: kernel.username,
        content: {}
      })
    )) as { readonly subshell_id?: string };
    if (content.subshell_id === undefined) {
      throw new Error('the kernel starts no subshell');
    }
    const started = new Subshell(
      kernel,
      new Claim(kernel.id, content.subshell_id)
    );
    void started._endAbandoned();
    return started;
  }

  get id(): string {
    return this._claim.id;
  }

  /**
   * Ends it, without waiting for it.
   */
  end(): void {
    this._claim.release();
    void ask(
      this._kernel,
      KernelMessage.createMessage<KernelMessage.IDeleteSubshellRequestMsg>({
        msgType: 'delete_subshell_request',
        channel: 'control',
        session: this._kernel.clientId,
        username: this._kernel.username,
        content: { subshell_id: this.id }
      })
    ).then(
      () => this._claim.settle(),
      () => undefined // whether it has ended is not known
    );
  }

  /**
   * Forgets it: it went with the kernel.
   */
  forget(): void {
    void this._claim.settle();
  }

  private async _endAbandoned(): Promise<void> {
    for (const id of await Claim.abandoned(this._kernel.id)) {
      new Subshell(this._kernel, new Claim(this._kernel.id, id)).end();
    }
  }

  private readonly _kernel: KernelControl;
  private readonly _claim: Claim;
}

async function ask(
  kernel: KernelControl,
  question: KernelMessage.IControlMessage
): Promise<unknown> {
  return (await kernel.sendControlMessage(question, true).done).content;
}
