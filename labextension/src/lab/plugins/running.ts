import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { IRunningSessionManagers } from '@jupyterlab/running';
import { Signal } from '@lumino/signaling';
import type { Session } from '../../protocol';
import { bytes } from '../../view/format';
import type { Connection } from '../connection';
import { sessionsIcon } from '../icon';
import { Overview } from '../overview';
import { ISessions, ISessionsPanel } from '../tokens';
import { whenSeen } from '../visibility';

/** JupyterLab's id of the panel of what is running. */
const RUNNING = 'jp-running-sessions';
const OPEN = 'docmanager:open';

/**
 * Lists the open sessions of all kernels in the panel of what is running.
 */
export const runningPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tfsession:running',
  description: 'Lists TensorFlow sessions in the Running panel.',
  autoStart: true,
  requires: [ISessions, ISessionsPanel],
  optional: [IRunningSessionManagers],
  activate: (
    app: JupyterFrontEnd,
    sessions: ISessions,
    panel: ISessionsPanel,
    managers: IRunningSessionManagers | null
  ) => {
    if (managers === null) {
      return;
    }
    const { tracker, strings } = sessions;
    const overview = new Overview(app.serviceManager.serverSettings);
    const changed = new Signal<object, void>(sessions);
    let shown = '';
    const update = () => {
      const now = JSON.stringify(
        opened(tracker.connections, overview).map(({ kernel, session }) => [
          kernel,
          session.graph,
          session.name,
          session.initialized,
          session.bytes
        ])
      );
      if (now !== shown) {
        shown = now;
        changed.emit();
      }
    };
    tracker.changed.connect(update);
    overview.changed.connect(update);
    // The kernels of other pages are told by the server while somebody looks.
    void app.restored.then(() => {
      for (const area of ['left', 'right']) {
        for (const widget of app.shell.widgets(area)) {
          if (widget.id === RUNNING) {
            whenSeen(widget, isSeen => {
              if (isSeen) {
                overview.follow();
              } else {
                overview.rest();
              }
            });
          }
        }
      }
    });

    const close = async (item: IOpened): Promise<void> => {
      const { connection, kernel, session } = item;
      let refusal: string | null = null;
      try {
        if (connection === null) {
          refusal = await overview.close(kernel, session);
        } else {
          const { graph, generation } = session;
          const request = { type: 'close', graph, generation } as const;
          const reply = await connection.transport.request(request);
          refusal = reply.type === 'refused' ? reply.message : null;
        }
      } catch {
        return; // gone, and the session with it
      }
      if (refusal !== null) {
        Notification.error(strings.notClosed(session.name, refusal));
      }
      await connection?.transport.look().catch(() => undefined);
    };

    const open = ({ connection, notebooks, session }: IOpened): void => {
      const source = connection && tracker.sourcesOf(connection)[0];
      const path = notebooks[0];
      if (source) {
        app.shell.activateById(source.widget.id);
        tracker.use(source.widget);
      } else if (path !== undefined && app.commands.hasCommand(OPEN)) {
        void app.commands.execute(OPEN, { path });
      }
      app.shell.activateById(panel.id);
      panel.view?.show(session.graph);
    };

    managers.add({
      name: strings.title,
      running: () =>
        opened(tracker.connections, overview).map(item => {
          const { connection, notebooks, session } = item;
          const source = connection && tracker.sourcesOf(connection)[0];
          const path = notebooks[0] ?? '';
          const name = strings.inSource(
            session.name,
            source?.widget.title.label ?? path.split('/').pop() ?? ''
          );
          return {
            label: () => name,
            labelTitle: () =>
              strings.holds(name, strings.variables(session.initialized)),
            detail: () => bytes(session.bytes),
            icon: () => sessionsIcon,
            open: () => {
              open(item);
            },
            shutdown: () => {
              void close(item);
            }
          };
        }),
      refreshRunning: () => {
        if (overview.kernels === null) {
          for (const connection of tracker.connections) {
            connection.transport.look().catch(() => undefined);
          }
        }
      },
      runningChanged: changed,
      shutdownLabel: strings.closeSession,
      shutdownAllLabel: strings.closeAll,
      shutdownAllConfirmationText: strings.closeAllQuestion,
      shutdownAll: () => {
        for (const item of opened(tracker.connections, overview)) {
          void close(item);
        }
      }
    });
  }
};

/**
 * A session that is open, of a kernel of this page or of another one.
 */
interface IOpened {
  readonly kernel: string;
  readonly connection: Connection | null;
  readonly notebooks: readonly string[];
  readonly session: Session;
}

/**
 * The open sessions: of this page's kernels as these tell, of the others as the server does.
 */
function opened(
  connections: readonly Connection[],
  overview: Overview
): readonly IOpened[] {
  const own = new Map(
    connections.map(connection => [connection.kernel.id, connection])
  );
  const told = overview.kernels ?? [];
  const kernels = [
    ...connections.map(connection => ({
      kernel: connection.kernel.id,
      connection,
      notebooks: [] as readonly string[],
      state:
        connection.state ??
        told.find(({ id }) => id === connection.kernel.id)?.state
    })),
    ...told
      .filter(({ id }) => !own.has(id))
      .map(({ id, notebooks, state }) => ({
        kernel: id,
        connection: null,
        notebooks,
        state
      }))
  ];
  return kernels.flatMap(({ state, ...kernel }) =>
    (state?.sessions ?? [])
      .filter(session => session.state === 'open')
      .map(session => ({ ...kernel, session }))
  );
}
