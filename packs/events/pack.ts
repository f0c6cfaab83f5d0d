import { definePack } from 'millrace'

export default definePack({
  name: 'events',
  description:
    'Events of people, file by file and month by month: how many, by whom, and of which companies.',
})
