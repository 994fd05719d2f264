import { bytes, number, time } from '../format';
import type { Store } from '../model/store';
import type { Strings } from '../strings';
import { useStrings } from './context';
import { Button } from './toolbar';

/**
 * Whether this is live, and what the session is doing.
 */
export function Status(props: { readonly store: Store }) {
  const { store } = props;
  const strings = useStrings();
  const { state, session } = store;
  const { kind, text, hint } = lifeOf(store, strings);
  return (
    <div class="jp-tfsession-status">
      <span
        class={`jp-tfsession-life jp-mod-${kind}`}
        role="status"
        aria-live="polite"
        title={hint}
      >
        {text}
      </span>
      {state !== null && state.sessions.length > 1 && (
        <label>
          {strings.session}{' '}
          <select
            value={session?.graph.toString() ?? ''}
            onChange={event => {
              store.wish({ graph: Number(event.currentTarget.value) });
            }}
          >
            {state.sessions.map(({ graph, name, section }) => (
              <option key={graph} value={graph.toString()}>
                {section
                  ? strings.inSection(name, section.name, section.began)
                  : name}
              </option>
            ))}
          </select>
        </label>
      )}
      {session?.section?.current === false && (
        <Button
          text={strings.enter}
          title={strings.enterHint(session.section.name)}
          disabled={!store.can('enter')}
          onClick={() => {
            const { graph, section } = session;
            store.act(strings.enterLabel(section?.name ?? ''), {
              type: 'enter',
              graph
            });
          }}
        />
      )}
      {state?.sessions.length === 1 && session !== null && (
        <span>{session.name}</span>
      )}
      {session !== null && (
        <>
          {session.step !== null && <span>{strings.step(session.step)}</span>}
          <span>{strings.runs(session.runs)}</span>
          <span>{strings.runsPerSecond(number(session.runs_per_second))}</span>
          <span>
            {strings.initialized(session.initialized, session.variables)}
          </span>
          <span>{bytes(session.bytes)}</span>
        </>
      )}
      {store.variables.torn && (
        <span
          class="jp-tfsession-torn"
          title={strings.torn}
          aria-label={strings.torn}
        >
          ≈
        </span>
      )}
    </div>
  );
}

interface ILife {
  readonly kind: 'connecting' | 'live' | 'waits' | 'paused' | 'lost';
  readonly text: string;
  readonly hint: string;
}

function lifeOf(store: Store, strings: Strings): ILife {
  const { state, transport } = store;
  const seconds = Math.max(state?.time ?? 0, store.variables.readAt);
  const asOf = seconds === 0 ? '' : time(new Date(seconds * 1000));
  if (transport.link === 'lost') {
    const hint = transport.because || strings.notConnectedHelp;
    return { kind: 'lost', text: strings.notConnected(asOf), hint };
  }
  if (state === null || transport.link === 'connecting') {
    const kind = 'connecting';
    return { kind, text: strings.connecting, hint: strings.connecting };
  }
  if (store.wishes.paused) {
    const hint = strings.resumeHint;
    return { kind: 'paused', text: strings.pausedSince(asOf), hint };
  }
  const hint =
    state.answers === 'now' ? strings.liveAtOnce : strings.liveAfterCell;
  if (!state.busy) {
    return { kind: 'live', text: strings.live, hint };
  }
  return store.waits
    ? { kind: 'waits', text: strings.buttonsWait(state.cell), hint }
    : { kind: 'live', text: strings.busy(state.cell), hint };
}
