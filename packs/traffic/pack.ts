import { definePack } from 'millrace'

export default definePack({
  name: 'traffic',
  description: "Who asks a tenant's endpoints: how often, how it ended, and how long it took.",
})
