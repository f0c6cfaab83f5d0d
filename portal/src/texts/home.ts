export const homeTexts = {
  title: 'Home',
  note: 'How things stand, and what is new.',
  figures: 'Headline numbers',
  choose: 'Choose numbers',
  chooseTitle: 'Headline numbers',
  chooseNote: 'Up to eight, seen first by everybody of this tenant, in the order you choose them.',
  byThemselves: 'Find them by themselves',
  chosen: (count: number) => (count === 1 ? '1 chosen' : `${count} chosen`),
  searchNumbers: 'Search numbers',
  noNumbers: 'No numbers yet',
  noNumbersHint:
    'As soon as something is published that has a number for each period, it stands here.',
  noValue: 'no number',
  inPeriod: (period: string) => `in ${period}`,
  before: (value: string, period: string) => `${value} in ${period}`,
  spark: (name: string, count: number) => `${name}: the newest ${count} periods`,
  explore: (name: string) => `Explore ${name}`,
  fresh: 'What arrived',
  freshNote: 'Each square is a day; the newest is on the right.',
  noSources: 'No source yet',
  noSourcesHint: 'A source says where your data comes from.',
  toSources: 'Open the sources',
  day: (day: string, count: string) => `${day}: ${count}`,
  arrivedCount: (count: string) => `${count} parts arrived`,
  nothing: 'nothing arrived',
  strip: (source: string, days: number, arrived: number) =>
    `${source}: data arrived on ${arrived} of ${days} days`,
  kept: 'fresh enough',
  breached: 'too old',
  dueBy: 'due',
  news: 'Since your last visit',
  newsFirst: 'In the last days',
  noNews: 'Nothing new',
  noNewsFirst: 'What is published or goes wrong is listed here.',
  noNewsHint: 'Nothing was published or changed since you were here.',
  moreNews: 'There is more than is listed here.',
  published: (dataset: string, count: number, newest: string) =>
    count === 1
      ? `${dataset}: ${newest} was published`
      : `${dataset}: ${count} parts published, up to ${newest}`,
  held: (dataset: string, count: number) =>
    count === 1
      ? `${dataset}: 1 part is held back by a check`
      : `${dataset}: ${count} parts are held back by checks`,
  failedParts: (dataset: string, count: number) =>
    count === 1 ? `${dataset}: 1 part failed` : `${dataset}: ${count} parts failed`,
  runs: (kind: string, count: number) => (count === 1 ? `1 run ${kind}` : `${count} runs ${kind}`),
  runKinds: { finished: 'finished', failed: 'failed', cancelled: 'was cancelled' } as Readonly<
    Record<string, string>
  >,
  grew: (dataset: string, rows: string) => `${dataset}: ${rows} more rows are held back`,
  otherEvent: (kind: string, count: number) => (count === 1 ? kind : `${kind}, ${count} times`),
  problems: 'Open problems',
  noProblems: 'No open problems',
  noProblemsHint: 'Everything that is expected is there, and nothing is held back.',
  problemFailed: (count: number) => (count === 1 ? '1 part failed' : `${count} parts failed`),
  problemHeld: (count: number) =>
    count === 1 ? '1 part is held back by a check' : `${count} parts are held back by checks`,
  problemStale: (count: number) =>
    count === 1 ? '1 part is out of date' : `${count} parts are out of date`,
  problemRows: (rows: string) => `${rows} rows could not be read`,
  problemOld: (newest: string) => `too old: the newest is ${newest}`,
  problemReport: 'the last report failed',
  nothingNewest: 'nothing',
  begin: 'First steps',
  beginNote: (done: number, all: number) => `${done} of ${all} done`,
  stepDone: 'done',
  stepOpen: 'to do',
  hide: 'Hide first steps',
  steps: {
    source: { title: 'Say where your data comes from', way: 'Sources' },
    data: { title: 'First data has arrived', way: 'Sources' },
    run: { title: 'First results were computed', way: 'Partitions' },
    chart: { title: 'See your first chart', way: 'Explore' },
    key: { title: 'Make a key for your own programs', way: 'Keys' },
    colleague: { title: 'Invite a colleague', way: 'People' },
  },
} as const
