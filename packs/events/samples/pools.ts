/** Words that the twin is made of. Every list is its own; none is taken from a real file. */

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

export const firstNames = words(`
  ada alan alice amir ana andrea anton aria arjun astrid ben bianca boris bruno camila carl carmen
  chen chloe clara dana daniel david debbie diego dilek dora elena eli emil emma eric esra eva
  fatima felix finn flora frida gabriel georg grace greta hana hans hassan helen hugo ida igor ines
  ingrid isaac ivan jack jana jean joan john jonas julia kai karin karl kate kenji kim lara lars
  laura lea leo lily linda lin lisa louis lucas lucy luis maja marco maria mark marta mary max maya
  mei mia milan mila nadia nils nina noah nora olaf olga omar oscar otto paul petra pia priya rafael
  rana ravi rita robert rosa ruth sam sana sara selma simon sofia sonja stella sven tara theo tim
  tina tom uma ursula vera victor wei willa yara yuki zoe`)

export const lastNames = words(`
  adler ahmed allen almeida andersen bauer becker berg bernard blanc brandt brown bruno campos
  carter castro chang clark cohen costa cruz diaz duarte dubois eriksen evans fernandez ferrari
  fischer fontana fox fuchs garcia gomez gonzalez graf gray green gruber gupta haas hall hansen
  harris hayes hill hoffman huang hughes ito ivanov jackson jansen jensen johnson jones kaya keller
  khan kim king klein koch kovac kumar lang larsen lee lewis lima lopez martin mayer meier mendes
  meyer miller mills moore moreau morgan mori murphy nakamura nguyen nielsen nowak olsen ortiz park
  patel perez peters popov quinn ramos reed reyes rivera roberts romano rossi roth roy ruiz sato
  schmidt schulz shah silva singh smith stone suzuki tanaka taylor thomas torres turner vargas vega
  vogel wagner walker wang ward weber white wilson wolf wong wright yang yilmaz young zhang zimmer`)

export const companyWords = words(`
  acorn alder amber anchor apex arbor arrow aspen atlas aurora badger basalt beacon birch bison
  bluebird boulder breeze bridge brook canyon cedar chestnut citadel clover cobalt comet condor
  copper coral crane crescent cypress dahlia delta drift dune eagle echo elm ember falcon fern field
  fjord flint forge fox gale garnet glacier granite grove gull harbor hawk hazel heron hollow
  horizon indigo iron island ivory jade jasper juniper kestrel lagoon lantern larch laurel ledge
  lighthouse linden lotus lynx magnet maple marble marlin meadow mesa meteor mill mistral moss
  nimbus north oak oasis ocean olive onyx orbit orchid osprey otter owl peak pebble pine pioneer
  plover poplar prairie prism quarry quartz raven reef ridge river robin rowan sable saffron sage
  salmon sand sequoia shore sierra silver slate solstice sparrow spruce summit swift tern thistle
  thunder tide timber topaz tulip tundra valley velvet vertex vista walnut wave willow wren zephyr`)

/** Public suffixes, the common ones first: companies draw from the front more often. */
export const suffixes = words(`
  com com com com com io net org info de com co.uk co biz fr com.au dev ai nl co.jp com.br ch se it
  es org.uk ca co.in us eu ac.uk com.mx co.nz gov.sg edu.tr pl com.tr city.kawasaki.jp co.ck`)

/** Weighted by how often they are listed. */
export const mailDomains = words(`
  gmail.com gmail.com gmail.com gmail.com gmail.com users.noreply.github.com
  users.noreply.github.com users.noreply.github.com outlook.com outlook.com hotmail.com yahoo.com
  yahoo.com yahoo.co.uk icloud.com gmx.de web.de proton.me qq.com mail.ru`)

export const countries = [
  'Argentina',
  'Australia',
  'Austria',
  'Belgium',
  'Bolivia',
  'Brazil',
  'Canada',
  'Chile',
  'China',
  'Colombia',
  "Cote d'Ivoire",
  'Czechia',
  'Denmark',
  'Egypt',
  'Finland',
  'France',
  'Germany',
  'Ghana',
  'Greece',
  'India',
  'Ireland',
  'Italy',
  'Japan',
  'Kenya',
  'Korea',
  'Mexico',
  'Morocco',
  'Netherlands',
  'New Zealand',
  'Nigeria',
  'Norway',
  'Palau',
  'Peru',
  'Poland',
  'Portugal',
  'Romania',
  'Singapore',
  'South Africa',
  'Spain',
  'Sweden',
  'Switzerland',
  'Thailand',
  'Turkey',
  'Ukraine',
  'United Arab Emirates',
  'United Kingdom',
  'United States of America',
  'Vietnam',
] as const

export const uris = words(`
  index home search about login register main category categories tag tags blog posts post list
  explore wp-content app app/main app/list docs docs/index faq privacy terms author homepage`)

export const actions = words(
  'visit visit visit visit view view click click search download share add modify',
)

export const tagWords = words(`
  able about above accept across act add adult after again age agree air all allow almost alone
  along already also always among amount animal another answer any appear apply area argue arm army
  around arrive art article ask attack author away baby back bad bag ball bank bar base beat bed
  before begin behavior believe benefit best better between big bill black blood blue board body
  book born both box boy break bring build business buy call camera campaign can cancer car card
  care carry case catch cause cell center central chair challenge chance change charge check child
  choice choose church citizen city civil claim class clear close coach cold college color come
  community compare computer concern condition consider contain continue control cost could country
  couple course court cover create crime cup current cut dark data daughter day dead deal death
  debate decade decide deep defense degree describe design detail development die difference dinner
  direction discover discuss door down draw dream drive drop drug during each early east easy eat
  economy edge education effect effort eight either election employee end energy enjoy enough enter
  environment evening event ever every evidence exactly example executive exist expect experience
  expert explain eye face fact factor fail fall family far fast father fear feel few field fight
  figure fill film final finally find fine finger finish fire firm first fish five floor fly focus
  follow food foot force foreign forget form former forward four free friend front full fund future
  game garden gas general get girl give glass goal good government great green ground group grow
  growth guess gun guy hair half hand hang happen happy hard have head health hear heart heat heavy
  help here high him history hit hold home hope hospital hot hotel hour house how however huge human`)
