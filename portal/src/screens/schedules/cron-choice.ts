export const rhythms = ['minutes', 'hourly', 'daily', 'weekly', 'monthly', 'own'] as const
export type Rhythm = (typeof rhythms)[number]

/** What the builder asks for; an expression of one's own stands in `own`. */
export interface CronChoice {
  readonly rhythm: Rhythm
  /** Of `minutes`. */
  readonly every: number
  /** `HH:MM`; of `hourly` its minutes count. */
  readonly time: string
  /** 0 is Sunday. */
  readonly weekdays: readonly number[]
  /** 1 to 31, or `L`: the last. */
  readonly day: string
  readonly own: string
}

export const firstChoice: CronChoice = {
  rhythm: 'daily',
  every: 15,
  time: '03:00',
  weekdays: [1],
  day: '1',
  own: '0 3 * * *',
}

/** The expression of a choice. */
export function cronOf(choice: CronChoice): string {
  const [hour = 0, minute = 0] = choice.time.split(':').map((part) => Number(part) || 0)
  switch (choice.rhythm) {
    case 'minutes':
      return `*/${choice.every} * * * *`
    case 'hourly':
      return `${minute} * * * *`
    case 'daily':
      return `${minute} ${hour} * * *`
    case 'weekly': {
      const days = [...new Set(choice.weekdays)].toSorted((a, b) => a - b)
      return `${minute} ${hour} * * ${days.length === 0 ? '*' : days.join(',')}`
    }
    case 'monthly':
      return `${minute} ${hour} ${choice.day} * *`
    case 'own':
      return choice.own.trim()
  }
}
