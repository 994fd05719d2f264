import { useState } from 'preact/hooks';
import type { Fate, RestorePlan } from '../../protocol';
import { bytes } from '../format';
import type { IAsked } from '../model/snapshots';
import { useStrings } from './context';
import { Dialog } from './dialogs';
import { aboutSnapshot } from './snapshots';

type What = Fate['what'];

/**
 * What needs a look comes first, and is open.
 */
const GROUPS: readonly What[] = [
  'mismatched',
  'missing',
  'renamed',
  'matching',
  'untouched'
];
const OPEN: readonly What[] = ['mismatched', 'missing', 'renamed'];

/**
 * What the user may choose where not everything fits.
 */
export interface IChoice {
  readonly similar: boolean;
  readonly partial: boolean;
}

/**
 * Shows what restoring would do, and asks whether to.
 */
export function RestoreDialog(props: {
  readonly asked: IAsked<RestorePlan>;
  /** Asks for the plan with, or without, names that may be meant. */
  readonly onSimilar: (similar: boolean) => void;
  readonly onRestore: (plan: RestorePlan, choice: IChoice) => void;
  readonly onCancel: () => void;
}) {
  const { asked, onSimilar, onRestore, onCancel } = props;
  const { snapshot, answer: plan } = asked;
  const strings = useStrings();
  const [similar, setSimilar] = useState(false);
  const [partial, setPartial] = useState(false);
  const fitting = plan === null ? 0 : plan.matching + plan.renamed;
  const left = plan === null ? 0 : plan.missing + plan.mismatched;
  return (
    <Dialog
      title={strings.restoreLabel(snapshot.name)}
      accept={strings.restore}
      warn={plan !== null && plan.overwritten > 0}
      disabled={fitting === 0 || (left > 0 && !partial)}
      onAnswer={yes => {
        if (!yes) {
          onCancel();
        } else if (plan !== null) {
          onRestore(plan, { similar, partial });
        }
      }}
    >
      <p class="jp-tfsession-weak">{aboutSnapshot(snapshot, strings)}</p>
      {plan === null ? (
        <p role="status">{strings.waitingForDetail}</p>
      ) : (
        <>
          {GROUPS.map(what => (
            <Group key={what} plan={plan} what={what} />
          ))}
          {plan.similar > 0 && (
            <Choice
              text={strings.useSimilar(plan.similar)}
              checked={similar}
              onChange={checked => {
                setSimilar(checked);
                onSimilar(checked);
              }}
            />
          )}
          {left > 0 && fitting > 0 && (
            <Choice
              text={strings.restorePart(fitting, left)}
              checked={partial}
              onChange={setPartial}
            />
          )}
          {fitting === 0 ? (
            <p class="jp-tfsession-warning">{strings.nothingFits}</p>
          ) : (
            <p>{strings.overwrites(plan.overwritten, bytes(plan.bytes))}</p>
          )}
          {fitting > 0 && plan.overwritten > 0 && (
            <p class={plan.undo ? '' : 'jp-tfsession-warning'}>
              {plan.undo ? strings.undoable : strings.notUndoable}
            </p>
          )}
        </>
      )}
    </Dialog>
  );
}

function Group(props: { readonly plan: RestorePlan; readonly what: What }) {
  const { plan, what } = props;
  const strings = useStrings();
  const total = plan[what];
  if (total === 0) {
    return null;
  }
  const fates = plan.fates.filter(fate => fate.what === what);
  return (
    <details
      class={`jp-tfsession-fates jp-mod-${what}`}
      open={OPEN.includes(what)}
    >
      <summary>{strings.fates[what](total)}</summary>
      <ul>
        {fates.map(fate => (
          <li key={`${fate.name}\0${fate.variable}`}>
            <code>{fate.name === '' ? fate.variable : fate.name}</code>
            <span class="jp-tfsession-weak">{noteOf(fate)}</span>
          </li>
        ))}
        {fates.length < total && (
          <li class="jp-tfsession-weak">
            {strings.more(total - fates.length)}
          </li>
        )}
      </ul>
    </details>
  );

  function noteOf(fate: Fate): string {
    if (fate.what === 'renamed') {
      return strings.asName(fate.variable);
    }
    return fate.what === 'missing' && fate.why !== ''
      ? strings.maybeMeant(fate.why)
      : fate.why;
  }
}

function Choice(props: {
  readonly text: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}) {
  return (
    <label class="jp-tfsession-choice">
      <input
        type="checkbox"
        checked={props.checked}
        onChange={event => {
          props.onChange(event.currentTarget.checked);
        }}
      />
      {props.text}
    </label>
  );
}
