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
import { ISessions, ISessionsPanel } from '../tokens';

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
    const { tracker, strings } = sessions;
    const changed = new Signal<object, void>(sessions);
    let shown = '';
    tracker.changed.connect(() => {
      const now = JSON.stringify(
        opened(tracker.connections).map(({ session, connection }) => [
          connection.kernel.id,
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
    });

    const close = async ({ connection, session }: IOpened): Promise<void> => {
      const { graph, generation, name } = session;
      const request = { type: 'close', graph, generation } as const;
      try {
        const reply = await connection.transport.request(request);
        if (reply.type === 'refused') {
          Notification.error(strings.notClosed(name, reply.message));
        }
      } catch {
        return; // gone, and the session with it
      }
      await connection.transport.look().catch(() => undefined);
    };

    managers?.add({
      name: strings.title,
      running: () =>
        opened(tracker.connections).map(item => {
          const { connection, session } = item;
          const source = tracker.sourcesOf(connection)[0];
          const name = strings.inSource(
            session.name,
            source?.widget.title.label ?? ''
          );
          return {
            label: () => name,
            labelTitle: () =>
              strings.holds(name, strings.variables(session.initialized)),
            detail: () => bytes(session.bytes),
            icon: () => sessionsIcon,
            open: () => {
              if (source !== undefined) {
                app.shell.activateById(source.widget.id);
                tracker.use(source.widget);
              }
              app.shell.activateById(panel.id);
              panel.view?.show(session.graph);
            },
            shutdown: () => {
              void close(item);
            }
          };
        }),
      refreshRunning: () => {
        for (const connection of tracker.connections) {
          connection.transport.look().catch(() => undefined);
        }
      },
      runningChanged: changed,
      shutdownLabel: strings.closeSession,
      shutdownAllLabel: strings.closeAll,
      shutdownAllConfirmationText: strings.closeAllQuestion,
      shutdownAll: () => {
        for (const item of opened(tracker.connections)) {
          void close(item);
        }
      }
    });
  }
};

interface IOpened {
  readonly connection: Connection;
  readonly session: Session;
}

function opened(connections: readonly Connection[]): readonly IOpened[] {
  return connections.flatMap(connection =>
    (connection.state?.sessions ?? [])
      .filter(({ state }) => state === 'open')
      .map(session => ({ connection, session }))
  );
}
