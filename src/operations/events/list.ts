import { z } from 'zod'

import { eventRange, listEvents } from '#catalog/events.ts'
import { assertWithin } from '#events/event-feed.ts'
import { visibleEvent } from '#model/visible-event.ts'
import {
  afterEventField,
  eventData,
  eventDatasetsField,
  eventKindsField,
} from '#operations/events/event-fields.ts'
import { defineOperation } from '#operations/operation.ts'

export const listEventsOperation = defineOperation({
  name: 'events.list',
  summary: 'Events of the last 7 days in their order, from any place on',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/events' },
  input: z.strictObject({
    after: afterEventField.describe(
      'Go on after the event with this sequence, or after `cursor` of the former answer; default: the oldest that is kept.',
    ),
    kinds: eventKindsField,
    datasets: eventDatasetsField,
    limit: z.int().min(1).max(1000).default(100).describe('Most events of a page.'),
  }),
  output: z.object({
    events: z.array(eventData),
    /** For `after` of the next request, now or later; also where no event was found. */
    cursor: z.int(),
    /** More are there behind the cursor. */
    more: z.boolean(),
  }),
  async handler({ after, kinds, datasets, limit }, { parts, caller }) {
    return parts.catalog.asTenant(caller.tenant, async (session) => {
      const range = await eventRange(session)
      const from = after ?? range.swept
      assertWithin(from, range)
      const page = await listEvents(session, {
        after: from,
        limit,
        kinds: kinds ?? null,
        datasets: datasets ?? null,
      })
      const definitionOf = (name: string) =>
        parts.factory.datasets.find((dataset) => dataset.name === name)
      const events = page.events.flatMap(
        (event) => visibleEvent(event, caller.access, definitionOf) ?? [],
      )
      return {
        events: events.map((event) => ({ ...event })),
        cursor: page.cursor,
        more: page.cursor < range.last,
      }
    })
  },
})
