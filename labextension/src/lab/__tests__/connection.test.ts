import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeConnection, settled } from '../../__tests__/fake_connection';
import { stateOf } from '../../__tests__/fake_kernel';
import { Connection } from '../connection';

let kernel: FakeConnection;
let connection: Connection;

async function connect(): Promise<void> {
  connection = new Connection(kernel.asKernel);
  await settled();
}

beforeEach(() => {
  kernel = new FakeConnection();
});

afterEach(() => {
  connection.dispose();
  vi.useRealTimers();
});

describe('loading the extension', () => {
  beforeEach(() => {
    kernel.loaded = false;
  });

  it('is done without a trace in the history, and connects', async () => {
    await connect();
    expect(connection.isMissed).toBe(true);
    await connection.load();
    await settled();
    expect(kernel.executed).toEqual(['%load_ext jupyter_tfsession']);
    expect(connection.standing).toBe('connected');
    expect(connection.state).toEqual(kernel.state);
  });

  it('tells a package that is missing from other failures', async () => {
    await connect();
    kernel.loading = {
      status: 'error',
      ename: 'ModuleNotFoundError',
      evalue: "No module named 'jupyter_tfsession'"
    };
    await connection.load();
    expect(connection.failure?.missing).toBe(true);
    kernel.loading = {
      status: 'error',
      ename: 'ImportError',
      evalue: 'numpy is broken'
    };
    await connection.load();
    expect(connection.failure).toEqual({
      missing: false,
      text: 'ImportError: numpy is broken'
    });
  });

  it('is not offered again to who has unloaded it', async () => {
    kernel.loaded = true;
    await connect();
    const missed = vi.fn();
    connection.missed.connect(missed);
    kernel.unload();
    await settled();
    expect(connection.standing).toBe('absent');
    expect(connection.isMissed).toBe(false);
    expect(missed).not.toHaveBeenCalled();
  });
});

describe('a restart', () => {
  it('is told with the time until there are other values', async () => {
    await connect();
    const { life } = connection;
    kernel.loaded = false;
    kernel.setStatus('restarting');
    kernel.setStatus('idle');
    await settled();
    expect(connection.lostAt).toBeInstanceOf(Date);
    expect(connection.life).toBe(life + 1);
    expect(connection.isMissed).toBe(true);
    await connection.load();
    await settled();
    expect(connection.lostAt).toBeNull();
  });

  it('loses nothing where there was nothing', async () => {
    kernel.state = stateOf({ sessions: [] });
    await connect();
    kernel.setStatus('restarting');
    expect(connection.lostAt).toBeNull();
  });
});
