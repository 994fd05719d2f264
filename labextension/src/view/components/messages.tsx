import type { Outcome } from '../model/actions';
import type { Store } from '../model/store';
import type { Strings } from '../strings';
import { Button } from './toolbar';
import { useStrings } from './context';

/**
 * What became of the last action, and which actions wait.
 */
export function Messages(props: {
  readonly store: Store;
  readonly onDismiss: () => void;
}) {
  const { store, onDismiss } = props;
  const strings = useStrings();
  const { waiting, underway } = store.actions;
  const { outcome } = store;
  const failed = outcome !== null && outcome.kind !== 'done';
  return (
    <div class="jp-tfsession-messages" role="status" aria-live="polite">
      {waiting.map((action, index) => (
        <div key={index} class="jp-tfsession-message jp-mod-waiting">
          <span>{strings.waiting(action.label)}</span>
          <Button
            text={strings.withdraw}
            title={`${strings.withdraw}: ${action.label}`}
            onClick={() => {
              store.actions.withdraw(action);
            }}
          />
        </div>
      ))}
      {underway > 0 && (
        <div class="jp-tfsession-message jp-mod-waiting">{strings.sent}</div>
      )}
      {outcome !== null && (
        <div
          class={`jp-tfsession-message ${failed ? 'jp-mod-failed' : 'jp-mod-done'}`}
        >
          <span>{textOf(outcome, strings)}</span>
          <Button
            text="×"
            label={strings.dismiss}
            title={strings.dismiss}
            onClick={onDismiss}
          />
        </div>
      )}
    </div>
  );
}

function textOf(outcome: Outcome, strings: Strings): string {
  const { label } = outcome;
  switch (outcome.kind) {
    case 'done':
      return outcome.reply.text || strings.done(label);
    case 'refused':
      return outcome.reply.code === 'stale'
        ? strings.movedOn(label)
        : strings.refused(label, outcome.reply.message);
    case 'lost':
      return strings.lost(label);
  }
}
