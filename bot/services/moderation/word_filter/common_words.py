"""Common English words of two to four letters, which the matcher does not join across spaces."""

from typing import Final

_TEXT: Final = """
a ab ad ah al am an as at aw ax be bi by co de do ed eh el em en er et ex fa go ha he hi hm ho
id if in io is it jo la le li lo ma me mi mm mo mr ms mu my na ne no nu of oh oi ok om on op or
os ow ox oy pa pi pm po qi re so st ta te ti to tv uh uk um un up us ut vs we wo ya ye yo za
ace act add ado age ago aid aim air ale all and ant any ape app apt arc are ark arm art ash ask
ate awe axe bad bag ban bar bat bay bed bee beg bet bid big bin bit boa bob bog bow box boy bra
bud bug bun bus but buy bye cab can cap car cat chi cod cog con cop cow cry cub cue cup cut dad
dam day den dew did die dig dim dip dog dot dry dub due dug duo dye ear eat ebb eel egg ego elf
elk elm end era eve ewe eye fab fad fan far fat fax fed fee few fig fin fir fit fix flu fly foe
fog for fox fry fun fur gag gap gas gel gem get gig gin god got gum gun gut guy gym had ham has
hat hay hem hen her hey hid him hip his hit hop hot how hub hue hug hum hut ice icy ill imp ink
inn ion its ivy jab jam jar jaw jay jet jig job jog joy jug key kid kin kit lab lad lag lap law
lay led leg let lid lie lip lit log lot low mad man map mat may men met mix mob mom mop mud mug
nap net new nil nod nor not now nun nut oak oar oat odd off oil old one opt orb ore our out owe
owl own pad pal pan par pat paw pay pea peg pen per pet pie pig pin pit ply pod pop pot pro pry
pub pup put rag ram ran rap rat raw ray red rep rib rid rig rim rip rob rod roe rot row rub rug
rum run rut sad sag sap sat saw say sea see set sew she shy sin sip sir sit six ski sky sly sob
son sow soy spa spy sub sue sum sun tab tag tan tap tar tax tea ten the thy tie tin tip toe ton
too top tow toy try tub tug two urn use van vat vet via vow wag war was wax way web wed wee wet
who why wig win wit woe wok won yak yam yes yet you zip zoo able acid aged also area army away
baby back ball band bank base bath bear beat been bell belt best bird blow blue boat body bone
book born boss both bowl bulk burn bush busy cake call calm came camp card care case cash cast
cell chat chef chin chip city club coal coat code cold come cook cool cope copy core corn cost
crew crop dark data date dawn days dead deal dean dear debt deep deny desk dial diet disc disk
dock does done door dose down draw drew drop drug dual duck dust duty each earn ease east easy
edge else even ever exit face fact fail fair fall farm fast fate fear feed feel feet fell felt
file fill film find fine fire firm fish five flat flow folk food foot ford form fort four free
from fuel full fund gain game gate gave gear gift girl give glad goal goes gold golf gone good
gray grew grey grow hair half hall hand hang hard harm hate have head hear heat held help here
hero high hill hire hold hole holy home hope host hour huge hung hunt hurt idea inch into iron
item jack join jump jury just keen keep kept kick kill kind king knee knew know lack lady laid
lake land lane last late lead left less life lift like line link list live load loan lock logo
long look lord lose loss lost love luck made mail main make male many mark mass meal mean meat
meet menu mere mile milk mill mind mine miss mode mood moon more most move much must name navy
near neck need news next nice nine none nose note okay once only onto open oral over pace pack
page paid pain pair palm park part pass past path peak pick pink pipe plan play plot plug plus
poll pool poor port post pull pure push race rail rain rank rare rate read real rear rely rent
rest rice rich ride ring rise risk road rock role roll roof room root rose rule rush safe said
sake sale salt same sand save seat seed seek seem seen self sell send sent ship shop shot show
shut sick side sign site size skin slip slow snow soft soil sold sole some song soon sort soul
spot star stay step stop such suit sure take tale talk tall tank tape task team tech tell tend
term test text than that them then they thin this thus till time tiny told toll tone tool tour
town tree trip true tune turn twin type unit upon used user vary vast very vice view vote wage
wait wake walk wall want ward warm wash wave ways weak wear week well went were west what when
whom wide wife wild will wind wine wing wire wise wish with wood word wore work yard yeah year
your zero zone
"""

SHORT_WORDS: Final = frozenset(_TEXT.split())
