"""What an answer asserts: each piece of it as asserted, denied, asked or only mentioned, by the frame it stands in.

Frames are closed lists of plain English (“it is not true that”, “I doubt that”, “which is not the case”), and beside
them a list of frames that sound like denials and affirm (“nobody doubts that”, “don't forget that”). What stands inside a
frame is given without it, so that it can be held against a rubric as if it had been said plainly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from studytui.study.grader import Sentence

Status: TypeAlias = Literal["asserted", "denied", "asked", "mentioned"]


class Claim(NamedTuple):
    """A piece of an answer from `start` to `end`, without the words of its frame, which `frame` has; "" if none."""

    start: int
    end: int
    status: Status
    frame: str = ""


_ADVERB: Final = (
    r"(?:(?:simply|just|plainly|completely|totally|quite|entirely|utterly|clearly|obviously|of course|actually|in fact|"
    r"certainly|definitely|also|all|really|pretty|rather|downright|flatly|patently|absolutely|probably|surely|strictly|"
    r"exactly|even|at all|generally|necessarily|always|ever|still|very|so|far|honestly|seriously|currently|strongly|"
    r"highly|much|a bit|a little|somewhat|therefore|however|though|indeed|only|both|often|frequently|sometimes|commonly|"
    r"widely|usually|firmly|personally|sincerely|in any way|in general|in reality|for a moment|once) )*"
)
_FALSE: Final = (
    r"(?:false|untrue|wrong|incorrect|inaccurate|mistaken|erroneous|misleading|misguided|nonsense|nonsensical|rubbish|"
    r"bogus|baseless|absurd|unfounded|invalid|fictitious|off the mark|beside the truth|far from (?:the truth|true|right)|"
    r"out of the question|not on|a joke|an? (?:\w+ )?(?:myth|lie|mistake|misconception|fallacy|falsehood|error|"
    r"misunderstanding|fairy tale|fiction|invention|illusion|legend|misbelief|misreading|blunder|confusion)|"
    r"(?:myths|lies|mistakes|misconceptions|errors|fallacies|fiction)|the (?:opposite|reverse|contrary)(?: of [a-z ]{3,40})?|"
    r"the other way (?:a)?round|lying|in error|confused|kidding|joking)"
)
_TRUE: Final = (
    r"(?:true|right|correct|accurate|the case|so|a fact|factual|the truth|valid|fair|how it works|what happens|possible|"
    r"the way it works|how it is|like that|justified|tenable|reasonable|sensible|proven|a given|given|credible|plausible|"
    r"conceivable|to be believed|legitimate)"
)
_SAY: Final = (
    r"(?:say|claim|think|believe|assume|suggest|state|conclude|suppose|argue|pretend|imagine|hold|maintain|write|assert|"
    r"infer|teach|agree|accept|buy|reckon|insist|assure (?:you|me|us|them)|tell (?:you|me|us|them|anyone)|swear|confirm|"
    r"support|endorse|subscribe to|propose|contend)"
)
_SAYING: Final = (
    r"(?:saying|claiming|thinking|believing|assuming|suggesting|stating|concluding|supposing|arguing|pretending|"
    r"imagining|holding|maintaining|asserting|insisting|telling (?:you|me|us|people))"
)
_SAYS: Final = (
    r"(?:says?|claims?|thinks?|believes?|assumes?|suggests?|states?|concludes?|supposes?|argues?|pretends?|imagines?|"
    r"holds?|maintains?|asserts?|insists?|said|claimed|thought|believed|assumed|teach(?:es)?|taught|will tell you|"
    r"tell you|have it|expects?|agrees?|accepts?|buys?)"
)
_CLAIM: Final = (
    r"(?:claim|idea|notion|belief|view|statement|story|assumption|thought|assertion|rumou?r|suggestion|hypothesis|theory|"
    r"proposition|opinion|thesis|argument|impression|conclusion|sentence|premise)"
)
_MISTAKE: Final = (
    r"(?:mistake|misconception|error|myth|fallacy|misunderstanding|lie|legend|delusion|illusion|falsehood|wrong (?:idea|"
    r"answer|belief|view)|false (?:idea|claim|belief|statement|notion|assumption))"
)
_NEGATED: Final = (
    r"(?:not|n['’]t|never|hardly|no longer|by no means|in no way|anything but|far from|scarcely|nowhere near)"
)
_BE: Final = (
    r"(?:is|['’]s|are|['’]re|was|were|would be|will be|would|has been|have been|can|could|might be|may be|seems|sounds|"
    r"looks|strikes me as|turns out|turned out|has turned out|to be|be|proves|proved|remains|ai)"
)
_PEOPLE: Final = (
    r"(?:some|many|most|(?:(?:many|some|most|a lot of|lots of|several|certain|other|few|a few|all too many|the) )?(?:(?:\w{2,12} )?(?:people|folks|"
    r"beginners|students|candidates|learners|laymen|textbooks|tutorials|blogs|blog posts|newcomers|colleagues|critics|"
    r"sources|authors|books|engineers|managers|researchers|experts|practitioners)|others|they|somebody|someone|you))"
)
_WRONGLY: Final = (
    r"(?:wrongly|mistakenly|falsely|erroneously|incorrectly|naively|foolishly|by mistake|in error|wrongfully)"
)
_NOBODY: Final = (
    r"(?:nobody|no one|no-one|none of us|not a single \w+|no (?:\w+ )?(?:engineer|expert|researcher|paper|person|"
    r"practitioner|author|textbook|evidence|source|study|scientist|colleague|model)s?|hardly any(?:one|body)|"
    r"scarcely any(?:one|body)|few(?: people| experts| engineers)?|neither i nor anyone(?: else)?)"
)
_HELP: Final = (
    r"(?:(?:would|could|can|should|do|does|did|must|may|might|will|am|have|has|['’]d|['’]ll|to|be|ever) ?|"
    + _ADVERB[3:-3]
    + " )*"
)
_DOUBT: Final = (
    r"(?:doubt|deny|denies|dispute|disputes|question|questions|contest|forget|forgets|overlook|ignore|neglect|"
    r"disagree|object|argue against|underestimate|lose sight of|miss|doubts|be denied|be doubted|be disputed|"
    r"be ignored|be overlooked|be forgotten|be overstated|be stressed enough|be emphasi[sz]ed enough)"
)
_LEAD: Final = (
    r"(?:(?:or|and|but|so|well|now|then|also|anyway|actually|honestly|frankly|sorry|hmm?|um|uh|er|erm|okay|ok|yes|yeah|"
    r"look|you know|i mean|in fact|first|second|third|firstly|secondly|finally|next|besides|moreover|of course|again|"
    r"because|since|as|i(?: would|['’]d) say(?: that)?|let me (?:be clear|say)|to be (?:honest|clear|precise|sure)|in my (?:view|opinion)|"
    r"as far as i know|if you ask me|still|plus|though|however)\W+)*"
)
_I: Final = r"(?:i|we|one|you|people|they|experts|engineers|a lead|nobody sane)"


def _frames(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(_LEAD + pattern, re.IGNORECASE) for pattern in patterns)


_THAT: Final = r"[ ,:]*(?:that\b|,|:)?\s*"
_AFFIRMS: Final = _frames(
    rf"{_NOBODY} {_HELP}(?:seriously |really )?{_DOUBT}(?: with| to)?(?: the fact)?(?: that)?\b[ ,:]*",
    r"(?:there['’]?s|there is|there can be|there are|i have) no (?:doubts?|question|denying|dispute|disputing|way around|"
    r"getting around|escaping|arguing|mistake|doubting|disagreement)(?: about it| the fact)?(?:[ ,:]*that)?\b[ ,:]*",
    rf"(?:please )?(?:do not|don['’]t|never|let['’]s not|let us not|{_I} {_HELP}?(?:not|n['’]t|cannot|never)) (?:ever )?"
    rf"(?:{_DOUBT}|be fooled|fail to mention|let it slip)(?: with)?(?: the fact)?(?: that)?\b[ ,:]*",
    rf"it (?:cannot|can['’]?t|can not|can hardly|should not|must not|could not|may not) {_DOUBT}(?: that)?\b[ ,:]*",
    rf"it(?:['’]s| is| was)(?: of course| certainly| indeed)? (?:undeniable|indisputable|beyond (?:doubt|question|dispute)|undisputed|unquestionable|no (?:secret|"
    rf"accident|coincidence|wonder|surprise|lie|exaggeration|news|mystery|myth|mistake)|not surprising|not by chance|hard to (?:deny|dispute|overstate|ignore)|"
    rf"impossible to (?:deny|ignore|overlook|dispute)|not (?:{_FALSE})(?: to {_SAY})?|not for nothing|without doubt)(?: that)?\b[ ,:]*",
    rf"it(?:['’]s| is| was| would be) {_ADVERB}{_FALSE} to {_DOUBT}(?: the fact)?(?: that)?\b[ ,:]*",
    r"(?:it goes without saying|needless to say|make no mistake|without (?:a |any )?(?:doubt|question)|no doubt|undoubtedly)(?:[ ,:]*that)?\b[ ,:]*",
    rf"{_I} {_HELP}(?:not|n['’]t|never) (?:hesitate to {_SAY}|mind {_SAYING})(?: that)?\b[ ,:]*",
    r"contrary to (?:popular|common|widespread|general) (?:belief|opinion|wisdom)\b[ ,:]*",
)
_DENIES: Final = _frames(
    rf"(?:it|that|this)(?:['’]s| {_BE})? ?{_ADVERB}{_NEGATED} {_ADVERB}{_TRUE}(?: (?:to {_SAY}|{_SAYING}))?[ ,:]*(?:that|if|when)\b[ ,:]*",
    rf"(?:it|that|this)(?:['’]s| {_BE})? ?{_ADVERB}{_NEGATED} {_ADVERB}{_TRUE} (?:to {_SAY}|{_SAYING})(?: that)?\b[ ,:]*",
    rf"(?:it|that|this) (?:can|could|would)(?:not| not|n['’]t| never| hardly) (?:possibly )?(?:be|hold)(?: {_TRUE})?[ ,:]*that\b[ ,:]*",
    rf"(?:it|that|this)(?: is|['’]s| was| would be|['’]d be| seems| has been| will be) {_ADVERB}{_FALSE}(?: (?:of|for) \w+)?(?: (?:to {_SAY}|{_SAYING}))?[ ,:]*that\b[ ,:]*",
    rf"(?:it|that|this)(?: is|['’]s| was| would be|['’]d be) ?{_ADVERB}{_FALSE} (?:to {_SAY}|{_SAYING})(?: that)?\b[ ,:]*",
    rf"(?:it|that)(?: is|['’]s| was) {_ADVERB}(?:doubtful|questionable|unlikely|dubious|improbable|implausible|impossible|unthinkable|hard to believe)(?: that| whether| if)\b[ ,:]*",
    rf"{_I} ?{_HELP}(?:not|n['’]t|never|cannot|can['’]t|refuse to|decline to|hesitate to) {_ADVERB}(?:say|claim|think|believe|assume|suppose|reckon|agree)"
    r"(?: for a (?:moment|second|minute))?\b(?! *(?:[,;:.]|so\b|it[ ,.;]|this[ ,.;]|about|of|to|in|with|for|from|what|how|why|which|where|when|who|and|any|much|anything|twice|again|until))[ ]*",
    rf"{_I} ?{_HELP}(?:not|n['’]t|never|cannot|can['’]t|refuse to|hesitate to) {_ADVERB}{_SAY}(?: with)?(?: the (?:\w+ )?{_CLAIM})?[ ,:]*that\b[ ,:]*",
    rf"{_I} ?{_HELP}(?:doubt|deny|dispute|reject|contest|challenge|refute|rule out|disbelieve|disagree)(?: to| with)?(?: the (?:\w+ )?{_CLAIM})?[ ,:]*(?:that|whether|if)\b[ ,:]*",
    r"(?:i|we) (?:\w+ly |strongly |do |would |must )?(?:doubt|deny)(?! *(?:it|this|that)? *[,;:.])\b[ ,:]*",
    rf"{_I}(?: am|['’]m|['’]re| are) (?:not (?:convinced|sure|certain|persuaded)|unconvinced|sceptical|skeptical|in doubt|against (?:the )?{_CLAIM})(?: that| whether| if)\b[ ,:]*",
    rf"{_NOBODY} (?:who [a-z ]{{2,40}} )?{_HELP}(?:(?:{_SAYS}|{_SAY})[ ,:]*that|(?:says?|thinks?|believes?|claims?|said|thought|believed|claimed|supposes?|assumes?)(?! *[,;:.]))\b[ ,:]*",
    rf"(?:the |that |this |any |a |an |it['’]s the |old |common |popular )*(?:\w+ )?{_MISTAKE}(?: is| would be| here is| of {_SAYING}| to {_SAY}| {_SAYING}| lies in {_SAYING})*[ ,:]*that\b[ ,:]*",
    rf"(?:a|an|one|the|another|my) (?:\w+ ){{0,2}}{_MISTAKE}(?: here)?(?: is| would be| was)?[ ,:]*(?:to {_SAY}|{_SAYING}|:)[ ,:]*(?:that\b)?[ ,:]*",
    rf"{_PEOPLE} {_HELP}(?:{_WRONGLY} {_ADVERB}(?:{_SAYS}|{_SAY})|(?:{_SAYS}|{_SAY}) {_WRONGLY})(?: that)?\b[ ,:]*",
    rf"(?:it|this)(?: is|['’]s| was| has been) {_ADVERB}{_WRONGLY} (?:said|claimed|believed|thought|assumed|stated|taught|held)(?: that)?\b[ ,:]*",
    rf"{_PEOPLE}(?: are|['’]re| were| would be) {_ADVERB}{_FALSE} (?:to {_SAY}|in {_SAYING}|when they {_SAY}|who {_SAY})(?: that)?\b[ ,:]*",
    rf"(?:contrary to|against|in contrast to|as opposed to|despite) (?:the |a )?(?:\w+ )?{_CLAIM}[ ,:]*that\b[ ,:]*",
    rf"there(?:['’]s| is| was| are) (?:absolutely |simply |really |just )?(?:no|not any|little|hardly any) (?:way|truth|evidence|proof|reason|sense|basis|chance|"
    rf"indication|support|ground|grounds|justification|point)(?: (?:in|for|to|of|behind))?(?: {_SAYING}| {_SAY})?(?: the (?:\w+ )?{_CLAIM})?[ ,:]*that\b[ ,:]*",
    rf"(?:please )?(?:never|do not|don['’]t|let no one|don['’]t let any(?:one|body)|do not let any(?:one|body)|{_I} (?:must|should|may|shall|can)(?:not| not|n['’]t| never)) "
    rf"(?:ever )?(?:be (?:fooled|led|tricked) into {_SAYING}|fall for the {_CLAIM}|{_SAY})(?: the (?:\w+ )?{_CLAIM})?(?: that)?\b[ ,:]*",
    r"(?:under no circumstances|by no means|in no way|at no point|on no account|in no case|not for a moment|in no sense|"
    r"at no time|nowhere|nothing suggests that|nothing says that|far be it from me to say that|little do we know that)\b[ ,:]*",
    rf"(?:nothing|it|that) (?:could be|is|would be|couldn['’]t be|could not be) (?:further|farther|more distant) from the truth[ ,:]*(?:than|that|to {_SAY})?[ ,:]*(?:that\b)?[ ,:]*",
    rf"(?:only|just) (?:a |an )?(?:\w+ ){{1,3}}(?:would|could|will|can) (?:ever )?{_SAY}(?: that)?\b[ ,:]*",
    r"(?:the (?:opposite|reverse|contrary) (?:of|holds|is true)|the (?:opposite|reverse) is the case)[ ,:]*(?:that\b)?[ ,:]*",
    rf"(?:to {_SAY}|{_SAYING}) (?:that )?(?=.{{0,400}}\b(?:is|would be|was) {_ADVERB}(?:{_FALSE}|{_NEGATED} {_ADVERB}{_TRUE})\W*$)",
    rf"(?:if|whoever|anyone who|anybody who|those who|people who|he who|when) (?:(?:you|someone|somebody|people|they|i) )?(?:{_HELP})(?:{_SAYS}|{_SAY})(?: that)? (?=.{{0,400}}"
    rf"\b(?:is|are|['’]s|['’]re|am|['’]m|would be) {_ADVERB}(?:{_FALSE}|{_NEGATED} {_ADVERB}{_TRUE})\W*$)",
    rf"(?:that|the (?:\w+ )?{_CLAIM} that) (?=.{{0,400}}\b(?:is|would be|was) {_ADVERB}(?:{_FALSE}|{_NEGATED} {_ADVERB}{_TRUE})\W*$)",
)
_MENTIONS: Final = _frames(
    r"(?:the|that|this) (?:\w+ )?(?:claim|notion|belief|assertion|rumou?r|suggestion|hypothesis|theory|opinion|thesis) that\b[ ,:]*",
    rf"{_PEOPLE} {_HELP}{_SAYS} that\b[ ,:]*",
    r"(?:it|this)(?: is|['’]s| was| has been) (?:often|sometimes|commonly|widely|frequently|once|usually|generally) "
    r"(?:said|claimed|believed|thought|assumed|stated|argued|held)(?: that)?\b[ ,:]*",
    r"(?:i|we) (?:used to|once|always|never|had) (?:say|think|thought|believe|believed|claim|claimed|assume|assumed)(?: that)?\b[ ,:]*",
    r"(?:allegedly|supposedly|rumou?r has it that|legend has it that|it is rumou?red that|word has it that|one may wonder (?:if|whether)|"
    r"it is (?:unclear|not clear|an open question|debatable|unknown) (?:if|whether)|pretend that|imagine that|in theory one might say that)\b[ ,:]*",
    r"it (?:may|might|could) (?:be (?:said|argued|claimed)|seem|appear|sound)(?: as if| as though)?(?: that)?\b[ ,:]*",
)
_ASKS: Final = _frames(
    r"(?:is|are|was|were|does|did|can|could|should|would|isn['’]t|aren['’]t|doesn['’]t|don['’]t) (?:it|that|this|there|the|a|an|each|every|one|all|any|we|you|i|they|these|those|both|not)\b",
    r"(?:i|we|one) (?:wonder|ask(?: myself| ourselves| you)?|would ask|['’]d ask|am asking|am wondering|want to know|would like to know|may ask|might ask|could ask)(?: if| whether)?\b",
    r"(?:the|my|a|one) (?:\w+ )?question is (?:if|whether)\b",
    r"could it be\b|do you think\b|who says\b|how do we know\b|tell me (?:if|whether)\b",
)
_ANSWERS_YES: Final = re.compile(
    r"(?:yes|yeah|yep|exactly|indeed|right|correct|of course|sure|certainly|true|it (?:is|does)|they (?:are|do))\b",
    re.IGNORECASE,
)
_TAG: Final = re.compile(
    r"[,;] (?:right|ok|okay|yes|yeah|no|you know|correct|isn['’]t it|aren['’]t they|doesn['’]t it|don['’]t they|see)\?\W*\Z",
    re.IGNORECASE,
)
_TALKS: Final = _frames(
    rf"(?:i|we|you|one|a candidate|my answer) ?{_HELP}(?:(?:want|need|like|going|love|start|begin|have|try|wish|plan) )?(?:by |to )?(?:(?:first|then|briefly|next|finally|also|here) )*"
    r"(?:(?:talk|talking|speak|speaking|say something|say a few words|say a word|say a lot|chat|go on|tell (?:you|them|her|him)|have heard|heard)(?: a bit| a lot| something| more| briefly| at length)? about|"
    r"(?<=[ld] )(?:(?:also|first|then|briefly|next) )?(?:discuss|touch(?: up)?on|mention|bring up|go into|cover|address|elaborate on|name|refer to|dwell on|explain|describe|outline|go over|highlight|(?:start|begin|go on|continue|finish|end) with (?:the words|mentioning|naming)))\b",
    r"(?:(?:the|my|a|an|any|this|good|full|complete|short|whole|main|key|important|relevant|right|strong|best|entire|central|following) )*(?:answer|question|topic|topics|story|solution|subject|response|"
    r"explanation|keywords?|words|terms|ideas|points|concepts|buzzwords|ingredients|aspects|things|parts|matters)(?: here| to (?:mention|name|know|cover|discuss))? "
    r"(?:(?:would|will|should|must|could|also|mainly|clearly|certainly|of course) )*(?:involves?|involve|includes?|is about|are about|about|has to do with|have to do with|has something to do with|concerns?|contains?|mentions?|covers?|"
    r"relates? to|deals? with|revolves? around|touch(?:es)? on|comes? down to|refers? to)(?=[ :,])",
    r"(?:(?:the|my|a|an|any|this|main|key|important|relevant|right|strong|best|central|following) )*(?:topics?|keywords?|key ?words?|terms|buzzwords)(?: here| to (?:mention|name|know|cover|discuss))?(?: are| is|:| would be)(?=[ :,])",
    r"(?:it|this|that|everything|all(?: of this)?|things)(?: all)? ?(?:is|['’]s|has|comes|revolves|relates|involves|includes|concerns|touches)? ?(?:all )?(?:about|to do with|down to|around|to|related to|connected with|a matter of|a question of|involves|concerns)\b(?=.{0,200},.{0,200}\band\b)",
    r"(?:(?:also |other )?(?:important|relevant|key|central|crucial) (?:words|terms|topics)|(?:also )?worth mentioning|also (?:important|relevant)|then there)(?: here)? (?:is|are|would be)\b",
    r"(?:keywords|key ?words|topics|terms|buzzwords):",
)
_NAMED_ONLY: Final = re.compile(
    r"(?:[\w-]+ ){0,5}[\w-]+(?:, (?:and )?(?:[\w-]+ ){0,4}[\w-]+){0,20},? and (?:[\w-]+ ){1,5}(?:is|are|would be|come)(?: all| both)? (?:very )?(?:relevant|important|key|involved|central|"
    r"crucial|essential|keywords|topics|the key ?words|the topics|the key (?:terms|concepts|points|ideas)|worth mentioning|what matters|things to mention|to be mentioned|in play|part of (?:it|the answer|this)|at work|to mind)(?: here)?\W*",
    re.IGNORECASE,
)
_CLAUSE_WORDS: Final = frozenset(
    [
        "that",
        "how",
        "why",
        "because",
        "so",
        "which",
        "whether",
        "when",
        "if",
        "where",
        "who",
        "while",
        "until",
        "unless",
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "does",
        "do",
        "did",
        "can",
        "could",
        "will",
        "would",
        "must",
        "should",
        "may",
        "might",
        "cannot",
        "not",
        "n't",
        "since",
        "whereas",
        "as",
        "than",
        "but",
        "then",
    ]
)
"""Words of which one stands in nearly every clause; between them a list of nouns has none."""

_SUBJECT: Final = (
    r"(?:(?:and|but|yet|though|however|well|only|except|at least|or|so|oh|no|because|still|sadly|sorry|unfortunately|alas|luckily),? )*"
    r"(?:all of |all |most of |much of )?(?:which|that|this|these|those|it|they|he|she|(?:the |this |that |my |such an? )(?:last |whole |previous |above |latter |first )?(?:"
    r"claim|statement|idea|sentence|belief|view|notion|answer|story|assumption|explanation|opinion|part)s?|what (?:i|they) (?:just |have just )?(?:said|say|claim|wrote)|"
    r"(?:those|these|such|the) (?:people|persons|sources|books)|people who (?:say|think|believe) (?:so|that|this)|whoever says (?:so|that|this)|anyone who (?:says|thinks|believes) (?:so|that|this)|i|we|you)"
)
_VERDICT_FALSE: Final = (
    rf"{_SUBJECT}(?: {_BE}|['’](?:s|re|m))+ ?{_ADVERB}(?:{_FALSE}|{_NEGATED} ?{_ADVERB}{_TRUE})"
    rf"|{_SUBJECT}(?: ca| could| would| does| do)?(?: not|n['’]t|not| never) (?:be {_TRUE}|hold(?: true| water| up)?|work(?: like that| that way)?|happen|make sense|apply)"
    rf"|{_SUBJECT} (?:couldn['’]t|could not) be (?:further|farther) from the truth|(?:and |but )?nothing could be (?:further|farther) from the truth"
    r"|(?:and |but |though |however |well |which )?(?:i|we|experts) (?:do not|don['’]t|cannot|can['’]t|would not|wouldn['’]t|never) (?:\w+ly )?(?:believe|think|buy|accept|agree with|agree|share|support|say|see)(?: a word of)?(?: that| this| it| so| them| any of (?:it|this|that)| this view)?"
    r"|(?:and |but |though |which )?(?:i|we) (?:\w+ly )?(?:disagree|doubt (?:it|that|this)|deny (?:it|that|this)|reject (?:it|that|this)|object|dispute (?:it|that|this)|refuse to (?:believe|accept) (?:it|that|this))(?: with (?:that|this|it))?"
    rf"|(?:and |but |well |oh |of course |definitely |certainly |absolutely |simply |just |quite |surely )*(?:not true|not so|not really|not at all|not the case|untrue|wrong|false|nonsense|rubbish|no|nope|never|far from it|not|as if|by no means|incorrect|hardly|not quite|of course not|certainly not|quite the (?:opposite|contrary)|on the contrary|just kidding|or so (?:they|people|some) (?:say|think|claim)|i think not|a myth|a lie|a common (?:myth|mistake|misconception|error)|a misconception|or not|said no one ever|said nobody ever|not in reality|yeah,? right)"
    r"|(?:and |but )?the (?:opposite|reverse|contrary|converse) (?:is|holds|was|would be)(?: true| the case| right| correct)?"
    r"|(?:and |but )?(?:it|that|things|they)(?: is|['’]s| are| work| works) (?:exactly |precisely |just )?the (?:other way (?:a)?round|opposite|reverse)"
)
_VERDICT: Final = re.compile(
    rf"(?:{_VERDICT_FALSE})(?:,? (?:of course|though|however|at all|in fact|actually|unfortunately|in reality|i think|in my view|obviously|about (?:that|this|it)|anymore|here))*[\W]*",
    re.IGNORECASE,
)
_OF_ALL: Final = r"(?:none of (?:this|that|it|which|the above|these|what i (?:just )?said|(?:these|those) (?:statements|claims|things))|nothing (?:of (?:this|that|the above)|i (?:just )?said|above|here)|not a (?:word|single word) of (?:this|that|it|the above))"
_ALL: Final = r"(?:all (?:of (?:this|that|it|the above|these)|this|that|the above|i (?:just )?said)|everything(?: (?:i (?:just )?said|above|so far|here|in (?:this|my) answer))?|(?:my|this|the) whole answer|these statements|(?:the|my) (?:statements|claims) above|what i (?:just )?said)"
_FOOTER: Final = re.compile(
    rf"{_LEAD}(?:{_OF_ALL}(?: {_BE})+ {_ADVERB}{_TRUE}|{_ALL}(?: {_BE})+ {_ADVERB}(?:{_FALSE}|{_NEGATED} {_ADVERB}{_TRUE})|the (?:opposite|reverse|contrary) of (?:all )?(?:of )?(?:this|that|it|the above|everything)(?: is| holds)(?: true)?)\W*",
    re.IGNORECASE,
)
_COMING: Final = r"(?:the following(?: (?:statements?|claims?|sentences?|things?|points?|is|are))?|what follows|what comes(?: next| now)?|(?:everything|all)(?: that)? (?:follows|below|i (?:will|am going to) say|that follows|i say now|i say(?: here)?)|(?:these|those|my next) (?:statements|claims|sentences|words)|the next (?:sentences|statements|words|lines))"
_HEADER: Final = re.compile(
    rf"{_LEAD}(?:(?:none of (?:this|that|it|{_COMING}|these(?: statements| claims)?)|nothing (?:of this|below|i say now|here|that follows|in what follows))(?: {_BE})+ {_ADVERB}{_TRUE}|(?:{_COMING}|all (?:of )?this|this|these|it)(?: {_BE})* {_ADVERB}(?:{_FALSE}|{_NEGATED} {_ADVERB}{_TRUE})"
    rf"|(?:here (?:are|is)|these are|i will list|let me list|now come|some|common|popular|typical)(?: \w+){{0,2}} (?:misconceptions?|mistakes?|myths?|errors?|false claims|lies|falsehoods|wrong (?:answers|statements|ideas))(?: \w+){{0,4}}|(?:i|we) (?:disagree with|deny|reject|dispute|doubt|do not believe|don['’]t believe)(?: all)?(?: of)? (?:the following|what follows|all this|this|these)"
    rf"|(?:it is|it would be|it['’]s) {_ADVERB}(?:{_FALSE}) to {_SAY}(?: the following)?|what (?:is|['’]s) not {_TRUE}|not true|wrong|false|the opposite of the following(?: is true| holds)?|the (?:opposite|reverse) is true of the following)\W*",
    re.IGNORECASE,
)
_HEADER_END: Final = re.compile(r":(?=\s|$)")
_CUT: Final = re.compile(r"[,;:—–]\s*|\s-+\s|(?<=[.!?…])\s+")
_BUT: Final = re.compile(
    r"(?:but|however|rather|instead|in fact|in reality|in truth|whereas|while|on the contrary|actually)\b[ ,:]*",
    re.IGNORECASE,
)
_WORDS: Final = re.compile(r"n['’]t\b|[^\W\d_]+?(?=n['’]t\b)|[^\W\d_]+")


def claims(text: str, sentences: Sequence[Sentence]) -> list[Claim]:
    """What the sentences of a text claim, in their order; words that are only a frame are in no claim."""
    found: list[list[Claim]] = []
    for at, sentence in enumerate(sentences):
        said = text[sentence.start : sentence.end]
        if _FOOTER.fullmatch(said):
            found = [_denied(row, said) for row in found]
            found.append([])
        elif found and _VERDICT.fullmatch(said):
            # “P. That is wrong.” reaches the sentence before, whatever lies between them was no claim.
            last = next((place for place in range(len(found) - 1, -1, -1) if found[place]), None)
            if last is not None:
                found[last] = _denied(found[last], said)
            found.append([])
        else:
            following = sentences[at + 1] if at + 1 < len(sentences) else None
            answer = text[following.start : following.end] if following else ""
            found.append(list(_of_sentence(text, sentence, answer)))
    return list(_under_headers(text, sentences, found))


def asks(text: str) -> bool:
    """Whether a sentence asks and says nothing."""
    said = text.strip()
    return ("?" in said and not _TAG.search(said)) or _frame(_ASKS, said, 0, len(said)) is not None


_AUXILIARY: Final = {"cannot": "can", "can't": "can", "won't": "will"}
_NEGATOR: Final = re.compile(
    r"\b(?:(?P<joined>cannot|can['’]t|won['’]t)|(?P<verb>\w+)(?<!ca)(?<!wo)n['’]t|(?:do|does|did) not|no longer|not even|not|never|nobody|no one|none|neither|nor|no|without|hardly|"
    r"scarcely|barely|nothing|nowhere|anything but|fails? to|failed to|by no means|in no way)\b ?",
    re.IGNORECASE,
)
_NEGATES_NOTHING: Final = re.compile(
    r"\b(?:not (?:only|just|merely|simply)|no (?:doubt|matter|wonder)|nothing but)\b", re.IGNORECASE
)


def without_negation(said: str) -> str | None:
    """A sentence with its negations taken out; None where it has none."""
    if _NEGATES_NOTHING.search(said):
        return None

    def plain(found: re.Match[str]) -> str:
        if found["joined"]:
            return _AUXILIARY[found["joined"].lower().replace("’", "'")] + " "
        word = found["verb"] or ""
        return "" if word.lower() in ("do", "does", "did", "") else f"{word} "

    left = _NEGATOR.sub(plain, said)
    return left if left != said else None


def _denied(row: list[Claim], frame: str) -> list[Claim]:
    """What was asserted is denied; what was denied stays so, for a verdict on it confirms it as often as it turns it."""
    return [claim._replace(status="denied", frame=frame) if claim.status != "asked" else claim for claim in row]


def _under_headers(text: str, sentences: Sequence[Sentence], found: list[list[Claim]]) -> Iterator[Claim]:
    header = ""
    for sentence, row in zip(sentences, found, strict=True):
        said = text[sentence.start : sentence.end]
        if not header and _HEADER.fullmatch(said):
            header = said
            continue
        if not header and (colon := _HEADER_END.search(said)) and _HEADER.fullmatch(said[: colon.end()]):
            header = said[: colon.end()]
            start = sentence.start + colon.end()
            while start < sentence.end and text[start].isspace():
                start += 1
            below = [Claim(start, sentence.end, "asserted")] if start < sentence.end else []
            yield from _denied(below, header)
        else:
            yield from _denied(row, header) if header else row


def _of_sentence(text: str, sentence: Sentence, answer: str) -> Iterator[Claim]:
    """The claims of one sentence; `answer` is the sentence after it, which may say yes to a question."""
    start, end = sentence.start, sentence.end
    said = text[start:end]
    is_asked = "?" in said[-3:] and not _TAG.search(said)
    if (is_asked or _frame(_ASKS, text, start, end)) and not _ANSWERS_YES.match(answer):
        yield Claim(start, end, "asked", "?")
        return
    tail = _verdict_at_end(text, start, end)
    end = tail if tail is not None else end
    verdict = text[end : sentence.end].strip(" ,;:—–-\n") if tail is not None else ""
    for claim in _by_frames(text, sentence, end):
        yield claim._replace(status="denied", frame=verdict) if verdict and claim.status != "asked" else claim


def _verdict_at_end(text: str, start: int, end: int) -> int | None:
    """Where “…, which is not the case” begins at the end of a sentence; None without such an end."""
    for cut in _CUT.finditer(text, max(start + 1, end - 120), end):
        if cut.start() > start and cut.end() < end and _VERDICT.fullmatch(text, cut.end(), end):
            return cut.start()
    return None


def _by_frames(text: str, sentence: Sentence, end: int) -> Iterator[Claim]:
    """The sentence up to `end`, cut where a clause opens a frame; a frame holds until “but” or the next one."""
    starts = [sentence.start, *(begin for begin, _ in sentence.clauses[1:] if begin < end)]
    pieces: list[tuple[int, Status, str]] = []
    for at, begin in enumerate(starts):
        opened = _opened(text, begin, end)
        if opened is not None:
            pieces.append(opened)
        elif at == 0:
            pieces.append((begin, "asserted", ""))
        elif pieces[-1][1] != "asserted" and (but := _BUT.match(text, begin, end)):
            pieces.append((but.end(), "asserted", ""))
    for place, (begin, status, frame) in enumerate(pieces):
        stop = _stop_before(text, pieces[place + 1][0], begin, starts) if place + 1 < len(pieces) else end
        if begin < stop:
            yield Claim(begin, stop, status, frame)


def _stop_before(text: str, place: int, begin: int, starts: Sequence[int]) -> int:
    """The end of the piece before a frame: where the clause that opens the frame begins, without the space before."""
    stop = max((start for start in starts if begin < start <= place), default=place)
    while stop > begin and text[stop - 1].isspace():
        stop -= 1
    return stop


_FRAMES: Final[tuple[tuple[tuple[re.Pattern[str], ...], Status], ...]] = (
    (_AFFIRMS, "asserted"),
    (_DENIES, "denied"),
    (_MENTIONS, "mentioned"),
)


def _opened(text: str, start: int, end: int) -> tuple[int, Status, str] | None:
    """The frame that begins at a place: where its inside begins, its status and its words."""
    for frames, status in _FRAMES:
        if (found := _frame(frames, text, start, end)) and found.end() < end:
            begin = found.end()
            while begin < end and text[begin].isspace():
                begin += 1
            return begin, status, text[start:begin].strip()
    if (found := _frame(_TALKS, text, start, end)) and not _has_clause(text[found.end() : end]):
        return start, "mentioned", found[0].strip()
    if (found := _NAMED_ONLY.fullmatch(text, start, end)) and len(_CLAUSE_WORDS.intersection(_words(found[0]))) <= 1:
        return start, "mentioned", "named"
    return None


def _frame(frames: Sequence[re.Pattern[str]], text: str, start: int, end: int) -> re.Match[str] | None:
    longest: re.Match[str] | None = None
    for frame in frames:
        found = frame.match(text, start, end)
        if found and (longest is None or found.end() > longest.end()):
            longest = found
    return longest


def _has_clause(text: str) -> bool:
    return bool(_CLAUSE_WORDS.intersection(_words(text)))


def _words(text: str) -> list[str]:
    return [word.lower().replace("’", "'") for word in _WORDS.findall(text)]
