import type { Connection } from './connection';
import type { Strings } from './strings';

/**
 * What there is to show for a notebook or console, or why there is nothing.
 */
export type Situation =
  | 'absent'
  | 'connected'
  | 'connecting'
  | 'dead'
  | 'disconnected'
  | 'failed'
  | 'foreign'
  | 'loading'
  | 'missing'
  | 'noKernel'
  | 'noSession'
  | 'noTensorFlow'
  | 'nothing'
  | 'restarting'
  | 'starting'
  | 'waiting';

/**
 * The part of a session context that is used here.
 */
export interface ISessionFacts {
  readonly isReady: boolean;
  readonly hasKernel: boolean;
}

/**
 * The part of a connection that is used here.
 */
export type ConnectionFacts = Pick<
  Connection,
  'failure' | 'isLoading' | 'standing' | 'state'
> & { readonly waits: boolean };

/**
 * Tells how things stand.
 */
export function situationOf(
  session: ISessionFacts | null,
  connection: ConnectionFacts | null
): Situation {
  if (session === null) {
    return 'nothing';
  }
  if (!session.hasKernel || connection === null) {
    return session.isReady ? 'noKernel' : 'starting';
  }
  const { standing, state } = connection;
  switch (standing) {
    case 'connected':
      return state === null
        ? 'connecting'
        : state.tensorflow === null
          ? 'noTensorFlow'
          : state.sessions.length === 0
            ? 'noSession'
            : 'connected';
    case 'connecting':
      return connection.waits ? 'waiting' : 'connecting';
    case 'absent':
      if (connection.isLoading) {
        return 'loading';
      }
      if (connection.failure !== null) {
        return connection.failure.missing ? 'missing' : 'failed';
      }
      return 'absent';
    default:
      return standing;
  }
}

/**
 * What a user is told.
 */
export interface INotice {
  readonly title: string;
  readonly help: string;
  /** The text of a button that loads the extension, where that would help. */
  readonly load: string | null;
  /** Whether it is only a matter of time. */
  readonly isPassing: boolean;
}

/**
 * What to tell of a situation; `null` where there are variables to show.
 */
export function noticeOf(
  situation: Situation,
  strings: Strings,
  why = ''
): INotice | null {
  const help = (title: string, text: string, load: string | null = null) => ({
    title,
    help: text,
    load,
    isPassing: false
  });
  const passing = (title: string, text = '') => ({
    ...help(title, text),
    isPassing: true
  });
  switch (situation) {
    case 'nothing':
      return help(strings.nothing, strings.nothingHelp);
    case 'noKernel':
      return help(strings.noKernel, strings.noKernelHelp);
    case 'foreign':
      return help(strings.foreign, strings.foreignHelp);
    case 'absent':
      return help(strings.absent, strings.absentHelp, strings.load);
    case 'missing':
      return help(strings.missing, strings.missingHelp, strings.again);
    case 'failed':
      return help(strings.failed, why, strings.again);
    case 'dead':
      return help(strings.dead, strings.deadHelp);
    case 'disconnected':
      return help(strings.disconnected, strings.disconnectedHelp);
    case 'noTensorFlow':
      return help(strings.noTensorFlow, strings.noTensorFlowHelp);
    case 'noSession':
      return help(strings.noSession, strings.noSessionHelp);
    case 'starting':
      return passing(strings.starting);
    case 'connecting':
      return passing(strings.connecting);
    case 'waiting':
      return passing(strings.waiting, strings.waitingHelp);
    case 'loading':
      return passing(strings.loading, strings.loadingHelp);
    case 'restarting':
      return passing(strings.restarting);
    case 'connected':
      return null;
  }
}
