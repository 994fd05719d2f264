import { useEffect, useRef, useState } from 'preact/hooks';
import type { StoredSnapshot } from '../../protocol';
import { bytes, moment } from '../format';
import type { Store } from '../model/store';
import type { Strings } from '../strings';
import { useStrings } from './context';
import { Difference } from './difference';
import { Button } from './toolbar';

/**
 * The snapshots on the disk: taking one, comparing with one, restoring one.
 */
export function Snapshots(props: { readonly store: Store }) {
  const { store } = props;
  const { snapshots, session } = store;
  const strings = useStrings();
  const graph = session?.graph ?? -1;
  const { list, problem } = snapshots;
  const compared =
    snapshots.compared?.graph === graph ? snapshots.compared : null;
  return (
    <section
      class="jp-tfsession-snapshots"
      aria-label={strings.snapshots}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          snapshots.show(false);
        }
      }}
    >
      <Take store={store} />
      {problem !== '' && (
        <p class="jp-tfsession-warning" role="alert">
          {problem}
        </p>
      )}
      {list === null && problem === '' && (
        <p class="jp-tfsession-weak" role="status">
          {strings.waitingForDetail}
        </p>
      )}
      {list?.snapshots.length === 0 && (
        <p class="jp-tfsession-weak" title={list.root}>
          {strings.noSnapshots}
        </p>
      )}
      {list !== null && list.snapshots.length > 0 && (
        <ul class="jp-tfsession-kept" title={list.root}>
          {list.snapshots.map(snapshot => (
            <Kept key={snapshot.id} store={store} snapshot={snapshot} />
          ))}
          {list.total > list.snapshots.length && (
            <li class="jp-tfsession-weak">
              {strings.more(list.total - list.snapshots.length)}
            </li>
          )}
        </ul>
      )}
      {compared !== null && (
        <Difference
          asked={compared}
          onClose={() => {
            snapshots.forget('compared');
          }}
        />
      )}
    </section>
  );
}

function Take(props: { readonly store: Store }) {
  const { store } = props;
  const strings = useStrings();
  const [name, setName] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus({ preventScroll: true });
  }, []);
  const { session } = store;
  const possible = store.can('snapshot') && (session?.initialized ?? 0) > 0;
  const take = () => {
    if (session !== null && possible) {
      const { graph } = session;
      store.act(strings.takeSnapshot, {
        type: 'snapshot',
        graph,
        name: name.trim()
      });
      setName('');
    }
  };
  // No form: in an output of JupyterLab, Enter would not submit it.
  return (
    <div class="jp-tfsession-take">
      <input
        ref={field}
        type="text"
        class="jp-tfsession-field"
        value={name}
        placeholder={strings.snapshotName}
        aria-label={strings.snapshotNameHint}
        title={strings.snapshotNameHint}
        maxLength={64}
        spellcheck={false}
        autocomplete="off"
        onInput={event => {
          setName(event.currentTarget.value);
        }}
        onKeyDown={event => {
          if (event.key === 'Enter' && !event.isComposing) {
            event.preventDefault();
            take();
          }
        }}
      />
      <Button
        text={strings.take}
        label={strings.takeSnapshot}
        title={strings.takeSnapshotHint}
        disabled={!possible}
        onClick={take}
      />
      <span class="jp-tfsession-space" />
      <Button
        text="×"
        label={strings.close}
        title={strings.close}
        onClick={() => {
          store.snapshots.show(false);
        }}
      />
    </div>
  );
}

function Kept(props: {
  readonly store: Store;
  readonly snapshot: StoredSnapshot;
}) {
  const { store, snapshot } = props;
  const { session, snapshots } = store;
  const strings = useStrings();
  const usable = session !== null && snapshot.damage === '';
  const { name, kind, begins } = snapshot;
  return (
    <li>
      <span class="jp-tfsession-kept-what">
        <b>{name}</b>
        {kind !== 'named' && (
          <span class="jp-tfsession-badge" title={strings.kindHints[kind]}>
            {strings.kinds[kind]}
          </span>
        )}
        <span class="jp-tfsession-weak" title={begins}>
          {aboutSnapshot(snapshot, strings)}
        </span>
      </span>
      <Button
        text={strings.compare}
        label={strings.compareLabel(name)}
        title={strings.compareLabel(name)}
        disabled={!usable || !store.can('diff')}
        onClick={() => {
          if (session !== null) {
            snapshots.compare(session.graph, snapshot);
          }
        }}
      />
      <Button
        text={strings.restoreButton}
        label={strings.restoreHint(name)}
        title={strings.restoreHint(name)}
        disabled={!usable || !store.can('restore')}
        onClick={() => {
          if (session !== null) {
            snapshots.plan(session.graph, snapshot);
          }
        }}
      />
    </li>
  );
}

/**
 * Where a snapshot comes from, in one line.
 */
export function aboutSnapshot(
  snapshot: StoredSnapshot,
  strings: Strings
): string {
  const { taken, damage, cell, graph, run, variables, bytes: size } = snapshot;
  const parts = [taken === 0 ? '' : moment(taken)];
  if (damage !== '') {
    parts.push(strings.damaged(damage));
  } else {
    const ran = strings.runNumber(run);
    parts.push(cell === '' ? ran : `${cell} ${ran}`, graph);
    parts.push(strings.variables(variables), bytes(size));
  }
  return parts.filter(part => part !== '').join(' · ');
}
