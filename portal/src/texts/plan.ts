const count = (value: number) => value.toLocaleString('en')
const tasks = (value: number) => `${count(value)} ${value === 1 ? 'part' : 'parts'}`

/** What would run, before it runs. */
export const planTexts = {
  title: (what: string) => `Run ${what}`,
  note: 'What would run, and why. Nothing happens before you confirm.',
  mode: 'What to run',
  modes: {
    run: 'Missing or stale',
    rerun: 'Exactly these',
    follow: 'These and what follows',
  },
  modeNotes: {
    run: 'What of these is missing, stale or failed, the inputs that it needs, and everything that reads it.',
    rerun: 'Exactly these, even where nothing has changed, and nothing else.',
    follow:
      'These, even where nothing has changed, and whatever reads them where they come out otherwise.',
  },
  order: 'First',
  orders: { oldest: 'Oldest first', newest: 'Newest first' },
  parts: 'Parts',
  certain: 'certain',
  perhaps: 'perhaps',
  perhapsNote: 'runs only where an input comes out otherwise',
  work: 'Work',
  workNote: 'from what past attempts took',
  read: 'To read',
  unknown: 'not known yet',
  byDataset: 'By dataset',
  partition: 'Partition',
  why: 'Why',
  reasons: 'Reasons',
  span: (first: string, last: string) => (first === last ? first : `${first} … ${last}`),
  later: (dataset: string, reads: string) =>
    `${dataset} is planned on as soon as ${reads} has been read`,
  nothing: 'There is nothing to do',
  nothingRun: 'All of these are fresh. Choose “Exactly these” to run them all the same.',
  nothingElse: 'Nothing of what was selected can be computed.',
  leftOut: (left: number) => `and ${count(left)} more`,
  start: (value: number) => `Run ${tasks(value)}`,
  moved: 'The world has moved since this plan was made',
  movedNote: 'Nothing was started. Below is what would run now.',
  before: (former: number, now: number) => `${tasks(former)} before, ${count(now)} now`,
  progress: (ended: number, all: number) => `${count(ended)} of ${tasks(all)}`,
  remaining: (duration: string) => `about ${duration} left`,
  states: {
    running: 'Running',
    done: 'Done',
    failed: 'Ended with failures',
    cancelled: 'Cancelled',
  },
  unchanged: (value: number) => `${count(value)} came out unchanged`,
  failures: (value: number) => `${tasks(value)} failed or held`,
  openRun: 'Open the run',
  cancel: 'Cancel the run',
  undo: 'Undo',
  undoTitle: 'Put back what was served before this run?',
  undoNote:
    'Parts that have been published anew since stay as they are. Everything that reads the others becomes stale.',
  undoDo: 'Put back',
  undone: (restored: number, kept: number) =>
    kept === 0 ? `${tasks(restored)} put back` : `${tasks(restored)} put back, ${count(kept)} kept`,
  hide: 'Hide',
} as const
