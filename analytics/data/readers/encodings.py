"""In which encoding is a text written that does not say? Judged by what is written in it.

Many bytes can be read in many encodings: GB18030 accepts almost any, and makes rare Chinese of
Russian, Korean and French. So the words are read in every encoding that can read them all, and the
one wins whose words look like words: characters that are common, letters of one alphabet, capitals
where they belong. charset-normalizer is asked too; where neither is sure, the reader is.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from charset_normalizer import from_bytes

SURE = 0.6  # plausibility of the best, and how far the next one stays behind
APART = 0.15
WORDS = 3_000  # different words that are looked at
BYTES = 1 << 16  # that charset-normalizer is shown
KEPT = 0.35  # plausibility from which a reading is offered
ENCODINGS = (
    *("gb18030", "big5", "cp949", "cp932", "euc_jp", "cp1252", "cp1250", "cp1251", "cp1254"),
    *("cp1253", "cp1257", "cp1255", "cp1256", "cp874", "koi8_r", "koi8_u", "cp866", "cp850"),
    *("mac_roman", "cp852", "iso8859_2"),
)
NAMES = {
    "gb18030": "Chinese (GB18030)",
    "big5": "traditional Chinese (Big5)",
    "cp949": "Korean (EUC-KR)",
    "cp932": "Japanese (Shift-JIS)",
    "euc_jp": "Japanese (EUC-JP)",
    "cp1252": "Western European (cp1252, Latin-1)",
    "cp1250": "Central European (cp1250)",
    "cp1251": "Cyrillic (cp1251)",
    "cp1254": "Turkish (cp1254)",
    "cp1253": "Greek (cp1253)",
    "cp1257": "Baltic (cp1257)",
    "cp1255": "Hebrew (cp1255)",
    "cp1256": "Arabic (cp1256)",
    "cp874": "Thai (cp874)",
    "koi8_r": "Cyrillic (KOI8-R)",
    "koi8_u": "Cyrillic (KOI8-U)",
    "cp866": "Cyrillic of DOS (cp866)",
    "cp850": "Western European of DOS (cp850)",
    "mac_roman": "Western European of old Macs",
    "cp852": "Central European of DOS (cp852)",
    "iso8859_2": "Central European (Latin-2)",
}
ICELANDIC = "áéíóúýþæöð"  # stands where Turkish has its own letters, and is rarer
ALPHABETS = (
    "àâæçéèêëîïôœùûüÿ",
    "äöüßéà",
    "áâãàçéêíóôõúüªº",
    "áéíóúñüªº",
    "àèéìíîòóùúªº",
    "åäöæøéüáàô",
    ICELANDIC,
    "àéèíóúïüçŀ",
    "ëïéèöüáó",
    "ąćęłńóśźż",
    "áčďéěíňóřšťúůýžľĺŕäô",
    "áéíóöőúüű",
    "ăâîșțşţ",
    "čćđšž",
    "çğıöşüâîû",
    "āčēģīķļņšūž",
    "ąčęėįšųūž",
    "äöüõšž",
)
CHINESE = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行"
    "所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力"
    "它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产"
    "或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口"
    "认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区"
    "保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张"
    "该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔型份号客户编姓贷款违约额逾期账信用卡收入支出学历婚"
    "姻状况未已婚离异单男女性别年龄职业城市省份地区北上广深圳京津沪渝杭州成都武汉南苏重庆天湖江浙福河川陕辽吉黑"
    "龙云贵甘青宁新疆内蒙古西藏台湾香港澳门房车汽消费经营教育装修医疗旅游其他自由租住按揭抵押担保质还息利率本余"
    "欠查询次近个数否坏好正常关注可疑损失高中低初级专科硕士博研究生大专及以下公务员工人农民教师医程销售经理私企"
    "国有事业单位手机号码银行农村信社建设招商交通民浦兴光华夏平安邮储蓄申请时间日放批准拒绝原因金渠道产品类型备"
    "注标签目结果分评级总计合小平均一二三四五六七八九十百千万亿元角周季度末初始终截止到开户销变更状态有效无失败"
    "王李张刘陈杨赵黄吴徐孙胡朱林何郭罗梁宋郑谢韩唐冯董萧曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴"
    "固联系址邮件籍贯族汉满回壮服饮食零批发制造零售餐采矿能源文娱体育卫生社会组织网络软技"
)
TRADITIONAL = frozenset(
    "這個們來為國說時會對過發後還進從實軍無與長機現當沒動間問業將兩點關應戰頭體見員報結導爭運產給數電總務變認"
    "條氣題處義幾論區統資條許設權達難覺術領確傳師觀讓識帶學經種樣開號戶編貸約額賬帳龍雲灣臺縣鄉鎮鄰義區東車貸"
    "費營教裝醫療遊質還詢壞關損業師銷單離異職農華興銀行儲請間準絕類備註標簽評級計終狀態聯繫營業樓號弄巷段鳥島"
    "蘇廣門馬陳劉張楊趙黃吳孫鄭謝馮許鄧蕭呂盧蔣賈葉閻購買賣貨款項帳單雄園隆嘉彰投屏桃竹苗栗花蓮澎信義仁愛忠孝"
    "是否有無已未男女性別年齡婚姻碩士博高中國小專科學歷金額利率逾期違約正常其他自備商工服"
)
KANJI = frozenset(
    "日一国人年大十二本中長出三時行見月分後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千"
    "水半男西電校語土木白天母火右父雨車何南万毎食京都大阪府県市区町村番号氏住所延滞有無返済借入金額収支職業会社"
    "員自営勤務年収性別年齢婚姻未既持家賃貸住宅教育自動医療旅行他銀行信用履歴審査結果可否新規契約期限利率合計顧客"
    "種類目的理由地域福岡広島札幌仙台横浜神戸名古屋千葉埼玉静愛知道正常遅延完了回数申込日付残高件数情報"
)
HANGUL = frozenset(
    "이다에의는로하을가고지서한은기으년대사시를리도인스일그나자어해들라보과정주전제아수것부상있장화동여구신선국회중성"
    "조만공원면연관비교계데방니드진우안세소마무산용치영적경위유르게분모문간재오차체학트단생외발건남미실당물개행현통"
    "내호저강된양반력명운심요청등급월김박최이정강조윤장임한오서신권황안송류전홍고문양손배백허남심노하곽성차주우구민"
    "번호름성별령득연체출금액결혼미기타직업회사원울부산천광주대전인세종경북충청전라제여남자예아니오없음신용등급상환"
    "학력졸초고택월전자가차개구매사업활의료교육여행불량정우거주태수횟은행잔액카드"
)
COMMON = {
    "CYRILLIC": frozenset("оеаинтсрвлкмдпуяыі"),
    "GREEK": frozenset("ατοιενρσκηπςυμλίόάέήύώδγ"),
    "HEBREW": frozenset("יוהלרבתמאשנעםדק"),
    "ARABIC": frozenset("اليمونرتبةعدسفهكقأحج"),
    "THAI": frozenset("านรอกเงมยลวดทสตะปบคหแิีุ่้์ั็ื"),
}
SIGNS = frozenset("€£¥§°–—’‘“”„«»№…²³½·•×®©±µ£´")
WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f\u0e31-\u0e4e\u3099]+[^\W\d_]*)*|[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a text.

    Attributes
    ----------
    plausible : 0 to 1: how much of what is foreign in it looks as words do.
    words : different words with a foreign letter.
    """

    encoding: str
    plausible: float
    words: int

    @property
    def name(self) -> str:
        """What people call it."""
        return NAMES.get(self.encoding, self.encoding)


def readings(lines: Sequence[bytes]) -> tuple[Reading, ...]:
    """How lines with foreign bytes can be read, the most plausible first; each text once."""
    found: dict[str, Reading] = {}
    text = b"\n".join(lines)
    for encoding in ENCODINGS:
        try:
            decoded = text.decode(encoding)
        except UnicodeDecodeError:
            continue
        if decoded not in found:
            found[decoded] = _reading(encoding, decoded)
    return tuple(sorted(found.values(), key=lambda r: -r.plausible))


def settled(found: Sequence[Reading], lines: Sequence[bytes]) -> bool:
    """Is the first reading sure: plausible by itself, and the next one far behind?

    Where it is ahead by less, charset-normalizer must prefer its text to all others.
    """
    if not found or found[0].plausible < SURE:
        return False
    ahead = found[0].plausible - (found[1].plausible if len(found) > 1 else 0)
    return ahead >= APART or (ahead >= APART / 3 and _agrees(found[0].encoding, lines))


def _agrees(encoding: str, lines: Sequence[bytes]) -> bool:
    text = b"\n".join(lines)[:BYTES]
    best = from_bytes(text[: text.rfind(b"\n")] if len(text) == BYTES else text).best()
    return best is not None and str(best) == text.decode(encoding, "ignore")


def _reading(encoding: str, text: str) -> Reading:
    words = list(dict.fromkeys(w for w in WORD.findall(text) if not w.isascii()))[:WORDS]
    foreign = "".join(c for w in words for c in w if not c.isascii())
    if not foreign:
        return Reading(encoding, 0.0, 0)
    alphabet = _alphabet(foreign)
    credit = sum(_credit(word, alphabet, encoding) for word in words)
    return Reading(encoding, credit / len(foreign), len(words))


def _alphabet(foreign: str) -> frozenset[str]:
    """The alphabet of the language that has most of the accented letters."""
    low = foreign.lower()
    return frozenset(max(ALPHABETS, key=lambda letters: sum(c in letters for c in low)))


def _credit(word: str, alphabet: frozenset[str], encoding: str) -> float:
    """How many of a word's foreign characters look as they should."""
    scripts = {_script(c) for c in word}
    if not _cased(word) or len(scripts - {"HANGUL", "HAN", "KANA"}) > 1:
        return 0.0
    if scripts & {"HANGUL", "HAN", "KANA"} and re.search(r"[a-z]", word):
        return 0.0
    if scripts == {"LATIN"} and len(word) > 1 and not re.search(r"[A-Za-z]", word):
        return 0.0  # no word of a Latin alphabet has accents on all its letters
    if scripts == {"GREEK"} and (re.search(r"ς\w|\wσ$", word) or _bare(word)):
        return 0.6 * len(word)
    return sum(_one(c, alphabet, encoding) for c in word if not c.isascii())


def _bare(word: str) -> bool:
    """Is it a Greek word of small letters without the accent that such words have?"""
    return len(word) > 2 and word != word.upper() and not re.search("[άέήίόύώΐΰ]", word.lower())


def _cased(word: str) -> bool:
    """Are capitals where they belong: all, none, or the first?"""
    return word in (word.lower(), word.upper()) or word[1:] == word[1:].lower() or "ß" in word


def _script(letter: str) -> str:
    if "\u4e00" <= letter <= "\u9fff" or "\u3400" <= letter <= "\u4dbf":
        return "HAN"
    if "\uac00" <= letter <= "\ud7a3":
        return "HANGUL"
    if "\u3040" <= letter <= "\u30ff":
        return "KANA"
    return unicodedata.name(letter, "?").partition(" ")[0]


def _one(letter: str, alphabet: frozenset[str], encoding: str) -> float:
    script = _script(letter)
    if script == "HAN":
        return _han(letter, encoding)
    if script == "LATIN":
        rare = 0.8 if alphabet == frozenset(ICELANDIC) else 1.0
        return rare * (letter.lower() in alphabet or letter in "İŒ")
    if script in COMMON:
        common = letter.lower() in COMMON[script]
        return (1.0 if common else 0.4) - (0.1 if letter.isupper() else 0)
    if script == "KANA":
        return 1.0 if encoding in ("cp932", "euc_jp") else 0.4
    others = {"HANGUL": 0.6, "IDEOGRAPHIC": 0.7, "FULLWIDTH": 0.7}
    return 1.0 if letter in HANGUL else others.get(script, 0.6 if letter in SIGNS else 0.0)


def _han(letter: str, encoding: str) -> float:
    """A Chinese character, by how common it is where this encoding is used."""
    common = {
        "gb18030": CHINESE,
        "big5": CHINESE | TRADITIONAL,
        "cp932": KANJI,
        "euc_jp": KANJI,
    }.get(encoding, frozenset())
    return (
        1.0
        if letter in common
        else 0.3
        if encoding in NATIVE and _native(letter, encoding)
        else 0.0
    )


NATIVE = {"gb18030": ("gb2312", 0xD7), "big5": ("big5", 0xC6), "cp932": ("shift_jis", 0x97)}


def _native(letter: str, encoding: str) -> bool:
    """Does it stand among the characters that the encoding lists first, as frequent ones?"""
    old, last = NATIVE[encoding]
    return 0 < next(iter(letter.encode(old, "ignore")), 0) <= last


def foreign_lines(lines: Iterable[bytes], most: int = 10_000) -> list[bytes]:
    """The lines with other bytes than ASCII."""
    foreign: list[bytes] = []
    for line in lines:
        if not line.isascii():
            foreign.append(line)
            if len(foreign) == most:
                break
    return foreign
