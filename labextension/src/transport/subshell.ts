import { type Kernel, KernelMessage } from '@jupyterlab/services';

/**
 * The part of a kernel connection that is used here.
 */
export type KernelControl = Pick<
  Kernel.IKernelConnection,
  'clientId' | 'sendControlMessage' | 'username'
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
 * Starts a subshell, which answers while a cell is running; returns its id.
 */
export async function startSubshell(kernel: KernelControl): Promise<string> {
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
  return content.subshell_id;
}

/**
 * Ends a subshell, without waiting for it.
 */
export function endSubshell(kernel: KernelControl, id: string): void {
  kernel.sendControlMessage(
    KernelMessage.createMessage<KernelMessage.IDeleteSubshellRequestMsg>({
      msgType: 'delete_subshell_request',
      channel: 'control',
      session: kernel.clientId,
      username: kernel.username,
      content: { subshell_id: id }
    }),
    true,
    true
  );
}

async function ask(
  kernel: KernelControl,
  question: KernelMessage.IControlMessage
): Promise<unknown> {
  return (await kernel.sendControlMessage(question, true).done).content;
}
