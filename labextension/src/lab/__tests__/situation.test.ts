import { describe, expect, it } from 'vitest';
import { sessionOf, stateOf } from '../../__tests__/fake_kernel';
import { english } from '../../view/strings';
import {
  type ConnectionFacts,
  noticeOf,
  type Situation,
  situationOf
} from '../situation';
import { stringsOf } from '../strings';

const ready = { isReady: true, hasKernel: true };
const strings = stringsOf(english);

function facts(change: Partial<ConnectionFacts> = {}): ConnectionFacts {
  return {
    standing: 'connected',
    state: stateOf(),
    failure: null,
    isLoading: false,
    waits: false,
    ...change
  };
}

describe('the situation', () => {
  it.each<[Situation, Parameters<typeof situationOf>]>([
    ['nothing', [null, null]],
    ['noKernel', [{ isReady: true, hasKernel: false }, null]],
    ['starting', [{ isReady: false, hasKernel: false }, null]],
    ['connecting', [ready, facts({ standing: 'connecting', state: null })]],
    [
      'waiting',
      [ready, facts({ standing: 'connecting', state: null, waits: true })]
    ],
    ['foreign', [ready, facts({ standing: 'foreign' })]],
    ['absent', [ready, facts({ standing: 'absent' })]],
    ['loading', [ready, facts({ standing: 'absent', isLoading: true })]],
    [
      'missing',
      [
        ready,
        facts({ standing: 'absent', failure: { missing: true, text: '' } })
      ]
    ],
    [
      'failed',
      [
        ready,
        facts({ standing: 'absent', failure: { missing: false, text: '' } })
      ]
    ],
    ['restarting', [ready, facts({ standing: 'restarting', state: null })]],
    ['dead', [ready, facts({ standing: 'dead', state: null })]],
    ['disconnected', [ready, facts({ standing: 'disconnected' })]],
    ['noTensorFlow', [ready, facts({ state: stateOf({ tensorflow: null }) })]],
    ['noSession', [ready, facts({ state: stateOf({ sessions: [] }) })]],
    [
      'connected',
      [ready, facts({ state: stateOf({ sessions: [sessionOf()] }) })]
    ]
  ])('%s has a text of its own', (situation, args) => {
    expect(situationOf(...args)).toBe(situation);
    const notice = noticeOf(situation, strings, 'ImportError: no');
    expect(notice === null).toBe(situation === 'connected');
  });

  it('offers to load the extension where that would help', () => {
    const offered = (['absent', 'missing', 'failed', 'dead'] as const).map(
      situation => noticeOf(situation, strings)?.load
    );
    expect(offered).toEqual([
      'Load the extension',
      'Try again',
      'Try again',
      null
    ]);
  });

  it('says why loading failed', () => {
    expect(noticeOf('failed', strings, 'ImportError: no')?.help).toBe(
      'ImportError: no'
    );
  });
});
