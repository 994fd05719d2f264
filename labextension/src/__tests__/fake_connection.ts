import { type Kernel, KernelMessage } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import type { Event, Request, State } from '../protocol';
import { ok, stateOf } from './fake_kernel';

type Sent = KernelMessage.IMessage & {
  readonly content: {
    readonly comm_id: string;
    readonly data: { readonly role?: string } & Partial<Request>;
  };
};

/**
 * A kernel connection as JupyterLab has it, whose kernel is the test.
 */
export class FakeConnection {
  readonly clientId = 'client';
  readonly username = 'user';
  readonly handleComms = true;
  readonly id: string;
  readonly statusChanged = new Signal<this, string>(this);
  readonly connectionStatusChanged = new Signal<this, string>(this);
  readonly disposed = new Signal<this, void>(this);
  readonly iopubMessage = new Signal<this, KernelMessage.IMessage>(this);

  constructor(id = 'kernel') {
    this.id = id;
  }

  status = 'idle';
  connectionStatus = 'connected';
  isDisposed = false;

  /** What the kernel is. */
  language = 'python';
  features = ['kernel subshells'];
  /** Whether it answers; not while a cell is running, without subshells. */
  answers = true;
  /** Whether the extension is loaded in it. */
  loaded = true;
  state: State = stateOf();

  /** What loading the extension comes to. */
  loading: { status: string; ename?: string; evalue?: string } = {
    status: 'ok'
  };

  /** What was sent on the shell channel, oldest first. */
  readonly sent: Sent[] = [];
  /** The subshells that there are. */
  readonly subshells = new Set<string>();
  /** The code that was executed. */
  readonly executed: string[] = [];

  get asKernel(): Kernel.IKernelConnection {
    return this as unknown as Kernel.IKernelConnection;
  }

  /** The connections that were made besides this one. */
  readonly clones: FakeConnection[] = [];

  clone(): FakeConnection {
    const clone = new FakeConnection(this.id);
    this.clones.push(clone);
    return clone;
  }

  createComm(): object {
    return { dispose: () => undefined };
  }

  sendControlMessage(message: KernelMessage.IMessage): object {
    const reply = this._onControl(message);
    return { done: Promise.resolve({ content: reply }) };
  }

  sendShellMessage(message: KernelMessage.IMessage): object {
    const sent = message as Sent;
    this.sent.push(sent);
    // The kernel answers later, never while it is written to.
    const done = Promise.resolve().then(() => {
      if (this.isDisposed) {
        throw new Error('no answer is heard any more');
      }
      this._onShell(sent);
    });
    return { done };
  }

  requestExecute({ code }: { readonly code: string }): object {
    this.executed.push(code);
    this.loaded ||= this.loading.status === 'ok';
    return { done: Promise.resolve({ content: this.loading }) };
  }

  /** The requests that came over comms, with the subshells they were sent to. */
  get requests(): (readonly [string | undefined, string | null | undefined])[] {
    return this.sent
      .filter(message => message.header.msg_type === 'comm_msg')
      .map(message => [message.content.data.type, message.header.subshell_id]);
  }

  setStatus(status: string): void {
    this.status = status;
    this.statusChanged.emit(status);
  }

  setConnection(status: string): void {
    this.connectionStatus = status;
    this.connectionStatusChanged.emit(status);
  }

  /** Answers what was sent while it did not answer. */
  answerLate(): void {
    this.answers = true;
    for (const message of [...this.sent]) {
      this._onShell(message);
    }
  }

  /** Has a cell begin, and returns what ends it. */
  run(code: string, count = 4): () => void {
    const parent = `cell-${count.toString()}`;
    this._publish('execute_input', { code, execution_count: count }, parent);
    return () => {
      this._publish('status', { execution_state: 'idle' }, parent);
    };
  }

  /** Sends an event to whoever has opened a comm for events. */
  push(event: Event): void {
    const events = this.sent.filter(
      ({ header, content }) =>
        header.msg_type === 'comm_open' && content.data.role === 'events'
    );
    this._tell(events[events.length - 1], event);
  }

  /** Closes all comms, as unloading the extension does. */
  unload(): void {
    this.loaded = false;
    for (const { header, content } of this.sent) {
      if (header.msg_type === 'comm_open') {
        this._publish('comm_close', { comm_id: content.comm_id, data: {} });
      }
    }
  }

  private _onControl(message: KernelMessage.IMessage): object {
    switch (message.header.msg_type) {
      case 'kernel_info_request':
        return {
          status: 'ok',
          language_info: { name: this.language },
          supported_features: this.features
        };
      case 'create_subshell_request': {
        this._started += 1;
        const id = `subshell-${this._started.toString()}`;
        this.subshells.add(id);
        return { status: 'ok', subshell_id: id };
      }
      case 'delete_subshell_request': {
        const { subshell_id: id } = message.content as { subshell_id: string };
        this.subshells.delete(id);
        return { status: 'ok' };
      }
      default:
        return { status: 'error' };
    }
  }

  dispose(): void {
    this.isDisposed = true;
    this.disposed.emit();
    Signal.clearData(this);
  }

  private _onShell(message: Sent): void {
    if (!this.answers) {
      return;
    }
    const { comm_id: id, data } = message.content;
    if (message.header.msg_type === 'comm_open' && !this.loaded) {
      this._publish('comm_close', { comm_id: id, data: {} });
    } else if (
      message.header.msg_type === 'comm_msg' &&
      this.loaded &&
      (data.type === 'hello' || data.type === 'subscribe')
    ) {
      this._tell(message, ok(data as Request, this.state));
    }
  }

  private _tell(to: Sent | undefined, data: object): void {
    if (to !== undefined) {
      this._publish('comm_msg', { comm_id: to.content.comm_id, data });
    }
  }

  private _publish(msgType: string, content: object, parent = ''): void {
    const message = KernelMessage.createMessage({
      msgType,
      channel: 'iopub',
      session: 'kernel',
      content,
      parentHeader: { msg_id: parent }
    } as unknown as KernelMessage.IOptions<KernelMessage.IStatusMsg>);
    this.iopubMessage.emit(message);
  }

  private _started = 0;
}

/**
 * Lets everything happen that is under way.
 */
export async function settled(): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    await Promise.resolve();
  }
}
