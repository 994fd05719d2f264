/**
 * The view on a made-up kernel that trains all the time: for looking at it without
 * JupyterLab. `jlpm demo` serves it; `?n=10000` chooses how many variables.
 */
import type { Reading, Request, Row } from '../src/protocol';
import {
  CPU,
  detailOf,
  FakeKernel,
  ok,
  readingOf,
  rowOf,
  sessionOf,
  stateOf
} from '../src/__tests__/fake_kernel';
import { mount } from '../src/view';

const GPU = CPU.replace('CPU:0', 'GPU:0');
const options = new URLSearchParams(location.search);
const size = Number(options.get('n') ?? 30);
const rows: Row[] = [
  rowOf(0, 'global_step', {
    dtype: 'int64',
    shape: [],
    bytes: 8,
    trainable: false
  }),
  rowOf(1, 'learning_rate', { shape: [], bytes: 4, marks: ['redefined'] }),
  rowOf(2, 'old/kernel', { marks: ['retired'] }),
  rowOf(3, 'old/loss', { marks: ['stale'], shape: [] }),
  rowOf(4, 'names', {
    dtype: 'string',
    shape: [3],
    bytes: null,
    trainable: false
  }),
  rowOf(5, `deep/${'very_long_scope_name/'.repeat(20)}x`)
];
for (let layer = 0; rows.length < size; layer += 1) {
  const scope = `model/block_${Math.floor(layer / 4).toString()}/layer_${layer.toString()}`;
  for (const part of ['kernel', 'bias', 'kernel/Adam', 'bias/Adam']) {
    const matrix = part.startsWith('kernel');
    rows.push(
      rowOf(rows.length, `${scope}/${part}`, {
        shape: matrix ? [784, 128] : [128],
        bytes: matrix ? 401408 : 512,
        requested: layer % 3 === 1 ? '/device:GPU:0' : ''
      })
    );
  }
}

let run = 0;
const walks = rows.map(() => Math.random() * 4);

function reading(id: number): Reading {
  const value = walks[id] ?? 0;
  if (id === 0) {
    return readingOf(id, run.toString(), { point: run });
  }
  if (id === 4) {
    return readingOf(id, `b'<script>alert(1)</script>', b'\\xff'`);
  }
  if (id === 5) {
    return readingOf(id, '', { initialized: false, device: '', written: null });
  }
  const nan = id % 17 === 9 ? 3 : 0;
  return readingOf(
    id,
    `mean ${value.toFixed(4)}, std 0.0312, min -0.1, max 0.1${nan ? ', 3 NaN!' : ''}`,
    {
      point: nan && run % 5 === 0 ? 'NaN' : value,
      device: id % 5 === 2 ? GPU : CPU,
      summary: {
        elements: 100352,
        sampled: id % 2 ? 65536 : 100352,
        mean: value,
        std: 0.0312,
        min: -0.1,
        max: 0.1,
        nan,
        inf: 0,
        zeros: 4
      },
      written: { cell: '[7]', id: 'x', run }
    }
  );
}

const kernel = new FakeKernel();
let undo: {
  what: string;
  variables: number;
  bytes: number;
  cell: string;
} | null = null;

function state(busy = true) {
  return stateOf({
    time: Date.now() / 1000,
    busy,
    cell: '[7]',
    answers: options.get('answers') === 'after' ? 'after_cell' : 'now',
    sessions: [
      sessionOf({
        name: 'default',
        variables: rows.length,
        initialized: rows.length - 1,
        bytes: rows.reduce((sum, row) => sum + (row.bytes ?? 0), 0),
        devices: [
          {
            name: CPU,
            type: 'CPU',
            limit: 268435456,
            variables: 24,
            bytes: 6_400_000
          },
          { name: GPU, type: 'GPU', limit: 8e9, variables: 6, bytes: 2_400_000 }
        ],
        runs: run,
        runs_per_second: 85.3,
        step: run,
        undo
      })
    ]
  });
}

function sendDetail(id: number): void {
  const history = Array.from(
    { length: 60 },
    (_, at) => Math.sin(at / 6) + at / 30
  );
  kernel.push(
    detailOf(reading(id), {
      histogram: {
        edges: Array.from({ length: 31 }, (_, at) => (at - 15) / 100),
        counts: Array.from({ length: 30 }, (_, at) =>
          Math.round(9000 * Math.exp(-(((at - 14.5) / 6) ** 2)))
        )
      },
      history: {
        of: 'norm',
        runs: history.map((_, at) => at * 20),
        times: history,
        values: history.map((value, at) => (at === 40 ? 'NaN' : value)),
        cells: history.map(() => '[7]')
      },
      picture: {
        kind: 'heat',
        rows: 56,
        columns: 64,
        values: Array.from({ length: 56 * 64 }, (_, at) => {
          const [row, column] = [Math.floor(at / 64), at % 64];
          if (row === 20 && column > 30 && column < 34) {
            return 'NaN';
          }
          if (row === 40 && column === 10) {
            return 'Infinity';
          }
          return Math.sin(row / 7 + id) * Math.cos(column / 9) * 0.1;
        }),
        limit: 0.1,
        index: [],
        step: [14, 2]
      }
    })
  );
}

let wanted: number | null | undefined = null;
let confirmed = false;
kernel.answer = (request: Request) => {
  if (request.type === 'subscribe') {
    wanted = request.detail;
    setTimeout(() => {
      kernel.setLink('connected');
      tick();
    });
    return ok(request, state());
  }
  if (request.type === 'reset' && !request.confirm) {
    return {
      type: 'refused',
      version: 1,
      id: request.id,
      code: 'confirm',
      message: '',
      confirm: {
        token: 'token',
        variables: 29,
        bytes: 6_400_000,
        undo: true,
        text: 'Reset 29 variables to their initial values? They were last written in [7], run 840.'
      }
    };
  }
  undo = { what: 'reset', variables: 29, bytes: 6_400_000, cell: '[7]' };
  confirmed = true;
  return ok(
    request,
    null,
    'Reset 29 variables; %tfsession undo brings them back.'
  );
};

let sent = false;
function tick(): void {
  run += 9;
  walks.forEach((value, id) => {
    walks[id] = confirmed ? 0.01 : value + Math.random() - 0.5;
  });
  kernel.push(state());
  if (!sent) {
    sent = true;
    for (let start = 0; start < rows.length; start += 1000) {
      kernel.pushRows(rows.slice(start, start + 1000), rows.length);
    }
  }
  kernel.pushReadings(
    rows.slice(0, 1000).map(row => reading(row.variable)),
    Date.now() / 1000
  );
  if (typeof wanted === 'number') {
    sendDetail(wanted);
  }
}

setInterval(tick, 500);
const element = document.querySelector<HTMLElement>('#view');
if (element !== null) {
  mount(element, kernel);
}
