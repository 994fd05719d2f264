// @vitest-environment node
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CommsOverSubshells,
  type Kernel,
  KernelManager,
  KernelMessage
} from '@jupyterlab/services';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { JupyterServer } from '../../__tests__/jupyter_server';
import type { Event } from '../../protocol';
import { KernelTransport } from '../kernel';
import type { Standing } from '../standing';

const LOAD = '%load_ext jupyter_tfsession';
const RUN_UNTIL_TOLD = `
import pathlib, time
while not pathlib.Path("stop").exists():
    time.sleep(0.01)
pathlib.Path("stop").unlink()
`;
const COUNT = `
import threading, comm
comms = comm.get_comm_manager().comms.values()
print(
    sum(one.target_name == "jupyter.tfsession" for one in comms),
    sum("subshell" in one.name for one in threading.enumerate()),
)
`;
/** Milliseconds; kernels start within a second or two where nothing else runs. */
const PATIENCE = { timeout: 30_000, interval: 20 };

vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

let server: JupyterServer;
let kernels: KernelManager;
let kernel: Kernel.IKernelConnection;
const transports: KernelTransport[] = [];

beforeAll(async () => {
  server = await JupyterServer.start();
  // All that is used of a page is that it goes away some time.
  vi.stubGlobal('window', new EventTarget());
  kernels = new KernelManager({ serverSettings: server.settings });
  kernel = await kernels.startNew({ name: 'python3' });
  await kernel.info;
  return async () => {
    kernels.dispose();
    vi.unstubAllGlobals();
    await server.stop();
  };
});

afterEach(() => {
  for (const transport of transports.splice(0)) {
    transport.dispose();
  }
});

function open(to = kernel): KernelTransport {
  const transport = new KernelTransport(to);
  transports.push(transport);
  return transport;
}

async function stands(
  transport: KernelTransport,
  standing: Standing
): Promise<void> {
  await vi.waitFor(() => {
    expect(transport.standing).toBe(standing);
  }, PATIENCE);
}

/** Executes code, and returns what it printed. */
async function execute(code: string): Promise<string> {
  const future = kernel.requestExecute({ code });
  let printed = '';
  future.onIOPub = message => {
    if (KernelMessage.isStreamMsg(message)) {
      printed += message.content.text;
    }
  };
  const { content } = await future.done;
  expect(content.status).toBe('ok');
  return printed.trim();
}

/** Waits until the kernel has so many comms of ours and so many threads of subshells. */
async function counts(expected: string): Promise<void> {
  await vi.waitFor(async () => {
    expect(await execute(COUNT)).toBe(expected);
  }, PATIENCE);
}

/** Has a cell running until the returned function is called. */
async function running(): Promise<() => Promise<void>> {
  const future = kernel.requestExecute({ code: RUN_UNTIL_TOLD });
  const begun = new Promise<void>(resolve => {
    future.onIOPub = message => {
      if (KernelMessage.isExecuteInputMsg(message)) {
        resolve();
      }
    };
  });
  await begun;
  return async () => {
    await writeFile(join(server.folder, 'stop'), '');
    await future.done;
  };
}

it('finds the extension as soon as a cell has loaded it', async () => {
  const transport = open();
  const events: Event[] = [];
  transport.listen({
    onEvent: event => {
      events.push(event);
    },
    onLink: () => undefined
  });
  await stands(transport, 'absent');
  await execute(LOAD);
  await stands(transport, 'connected');
  expect(transport.snapshot?.state).toMatchObject({
    answers: 'now',
    busy: false,
    tensorflow: null
  });
  expect(events[0]?.type).toBe('state');
});

it('is answered while a cell is running', async () => {
  const transport = open();
  await stands(transport, 'connected');
  const end = await running();
  const reply = await transport.request({ type: 'hello' });
  expect(reply).toMatchObject({ type: 'ok', result: { busy: true } });
  expect(transport.isRunning).toBe(true);
  await end();
});

it.each([CommsOverSubshells.Disabled, CommsOverSubshells.PerCommTarget])(
  'connects while a cell is running, with JupyterLab set to %s',
  async setting => {
    const end = await running();
    const page = kernels.connectTo({
      model: kernel.model,
      commsOverSubshells: setting
    });
    const transport = open(page);
    await stands(transport, 'connected');
    expect(transport.snapshot?.state).toMatchObject({ busy: true });
    transport.dispose();
    await end();
    await counts('0 0');
    page.dispose();
  }
);

it('says what the kernel refuses', async () => {
  const transport = open();
  await stands(transport, 'connected');
  const reply = await transport.request({
    type: 'undo',
    graph: 1,
    generation: 0
  });
  expect(reply.type).toBe('refused');
});

it('is told when the extension is unloaded, and finds it again', async () => {
  const transport = open();
  await stands(transport, 'connected');
  await execute('%unload_ext jupyter_tfsession');
  await stands(transport, 'absent');
  expect(transport.link).toBe('lost');
  await execute(LOAD);
  await stands(transport, 'connected');
});

it('leaves no comm and no subshell behind', async () => {
  for (let time = 0; time < 20; time += 1) {
    const transport = open();
    await stands(transport, 'connected');
    if (time === 0) {
      await counts('2 1');
    }
    transport.dispose();
  }
  await counts('0 0');
});

it('begins anew with the kernel', async () => {
  const transport = open();
  await stands(transport, 'connected');
  const { view } = transport;
  await kernel.restart();
  await stands(transport, 'absent');
  await execute(LOAD);
  await stands(transport, 'connected');
  expect(transport.view).not.toBe(view);
});
