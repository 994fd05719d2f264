import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServerConnection } from '@jupyterlab/services';

/** Milliseconds; it starts within two or three seconds where nothing else runs. */
const PATIENCE = 60_000;

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * A Jupyter server of the environment's Python, with a home and a port of its own.
 */
export class JupyterServer {
  private constructor(
    readonly settings: ServerConnection.ISettings,
    /** Where its kernels run. */
    readonly folder: string,
    process: ChildProcess
  ) {
    this._process = process;
  }

  /**
   * Starts one; what it has to say is in the error when it does not come up.
   */
  static async start(): Promise<JupyterServer> {
    const home = await mkdtemp(join(tmpdir(), 'tfsession-server-'));
    const folder = join(home, 'notebooks');
    const runtime = join(home, 'runtime');
    await mkdir(folder);
    await mkdir(runtime);
    const token = randomBytes(16).toString('hex');
    const server = spawn(
      'python',
      [
        ...['-m', 'jupyter_server', '--no-browser', '--allow-root'],
        ...['--ip=127.0.0.1', '--port=0', `--IdentityProvider.token=${token}`],
        `--ServerApp.root_dir=${folder}`
      ],
      {
        cwd: folder,
        env: {
          ...process.env,
          HOME: home,
          IPYTHONDIR: join(home, 'ipython'),
          JUPYTER_CONFIG_DIR: join(home, 'config'),
          JUPYTER_DATA_DIR: join(home, 'data'),
          JUPYTER_RUNTIME_DIR: runtime,
          PYTHONPATH: REPOSITORY
        },
        stdio: ['ignore', 'ignore', 'pipe']
      }
    );
    let said = '';
    const failures: string[] = [];
    server.stderr.on('data', (text: Buffer) => {
      said += text.toString();
    });
    server.on('error', error => {
      failures.push(error.message); // no such program, for one
    });
    server.on('exit', code => {
      failures.push(`it ended with ${String(code)}`);
    });
    const deadline = Date.now() + PATIENCE;
    while (failures.length === 0 && Date.now() < deadline) {
      const url = await urlIn(runtime);
      if (url !== null && (await answers(url))) {
        const settings = ServerConnection.makeSettings({
          baseUrl: url,
          wsUrl: url.replace(/^http/, 'ws'),
          token,
          appendToken: true
        });
        return new JupyterServer(settings, folder, server);
      }
      await new Promise(resolve => setTimeout(resolve, 100));
    }
    server.kill();
    throw new Error(
      `No Jupyter server (python -m jupyter_server): ${failures[0] ?? 'too slow'}. ` +
        `The environment of the Makefile has one: make test.\n${said.slice(-3000)}`
    );
  }

  /**
   * Ends it with its kernels, and removes its files.
   */
  async stop(): Promise<void> {
    const ended = new Promise(resolve => this._process.once('exit', resolve));
    this._process.kill();
    await ended;
    await rm(join(this.folder, '..'), { recursive: true, force: true });
  }

  private readonly _process: ChildProcess;
}

/** The address that a server has noted, or `null` as long as there is none. */
async function urlIn(runtime: string): Promise<string | null> {
  const note = (await readdir(runtime)).find(name =>
    /^jpserver-.*\.json$/.test(name)
  );
  if (note === undefined) {
    return null;
  }
  try {
    const text = await readFile(join(runtime, note), 'utf8');
    return (JSON.parse(text) as { readonly url: string }).url;
  } catch {
    return null; // half written
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}api`)).ok;
  } catch {
    return false;
  }
}
