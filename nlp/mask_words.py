"""The words by which a person's name is known: surnames, given names, titles, offices, places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nlp.normalise import fold, normalise

_FOLDER = Path(__file__).parent / "names"

#: Words of address and kinship before a name; each is accented and lower-case.
TITLES = frozenset("ông bà anh chị em cháu cô chú bác cậu dì bé cụ thầy mợ thím dượng tên".split())
#: What a person is or did, before a name: never an office.
PERSONS = frozenset(
    "bị cáo|bị can|nghi phạm|đối tượng|nạn nhân|tài xế|lái xe|học sinh|sinh viên|bệnh nhân"
    "|bác sĩ|y tá|luật sư|công nhân|nông dân|chủ hộ|chủ nhà|chủ tàu|chủ xe|chủ quán|chủ cơ sở"
    "|tiểu thương|phóng viên|tên là|nhân chứng|người dân|con gái|con trai|cháu gái|cháu trai"
    "|bé gái|bé trai|em gái|em trai|chị gái|anh trai|mẹ|vợ|chồng|con|bạn|gặp|liên hệ|hộ|kẻ|hung thủ"
    "|cô gái|chàng trai|thanh niên|nam sinh|nữ sinh|cô giáo|thầy giáo|giáo viên|hàng xóm"
    "|bí danh|biệt danh|họ tên|họ và tên|người nhận|chủ tk|chủ tài khoản|ctk|lh|nhân viên".split(
        "|"
    )
)
#: Accused persons: an office beside the name does not keep it.
ACCUSED = frozenset("bị cáo|bị can|nghi phạm|đối tượng|hung thủ|kẻ|cựu|nguyên".split("|"))

#: What stands before the name of a street, a school or a firm; as written with accents.
PLACES = frozenset(
    "đường|phố|hẻm|ngõ|ngách|kiệt|cầu|chợ|trường|thpt|thcs|tiểu học|mầm non|mẫu giáo|mẫu giáo tư thục"
    "|bệnh viện|công viên|quận|huyện|xã|phường|thị trấn|tỉnh|thành phố|ấp|khu phố|thôn|khóm|làng"
    "|đền|chùa|đình|nhà thờ|sông|rạch|kênh|cống|cảng|bến xe|tượng đài|khu di tích|di tích|bảo tàng"
    "|giải|giải thưởng|quỹ|hãng|công ty|tnhh|doanh nghiệp|tập đoàn|nhà hàng|quán|tiệm|cửa hàng"
    "|khách sạn|nhà xe|nhà máy|dntn|htx|hợp tác xã|đại học|cao đẳng|bến phà|phà|ga|sân bay|ngã tư"
    "|ngã ba|ngã năm|vòng xoay|bùng binh|đại lộ|góc|tượng|nghĩa trang|karaoke|viện|giáo xứ|đảo|cồn"
    "|vàm|đập|hồ|núi|đèo|khu dân cư|chung cư|tòa nhà|hội trường|lăng|lăng mộ|mộ|miếu|phủ|tuyến"
    "|tuyến đường|quảng trường|nhà hát|sân vận động|khu đô thị|trung tâm|xưởng|cơ sở|vựa|trại|tp"
    "|tx|tt|q|h|p|x|nông trường|bờ kè|hầm|nút giao|bến|bãi|đầm|mũi|vịnh|suối|thác|khu|cty|cp"
    "|nhà lưu niệm|khu lưu niệm|nhà văn hóa|thư viện|tổ|lớp|chi bộ|báo|tạp chí|đài|cù lao|giồng"
    "|cái|xóm|bản|buôn|phum|sóc|nhà sách|hiệu|thương hiệu|phòng khám|nha khoa|thẩm mỹ viện|hồ chứa"
    "|trạm bơm|trạm|cây xăng|nước mắm|lò|kẹo|bánh|gạo|nhạc sĩ|nhà thơ|danh tướng|vua|chúa|nữ tướng"
    "|đại thi hào|anh hùng|danh y|danh nhân|tướng|nước|thời|triều|nhà|giữa|trục".split("|")
)
#: Those that mean the same without accents ("cho" may be "cho", so it is not here).
PLACES_BARE = frozenset(
    fold(word)
    for word in (
        "đường|hẻm|ngõ|thpt|thcs|tiểu học|mầm non|mẫu giáo|bệnh viện|công viên|huyện|phường|thị trấn"
        "|tỉnh|thành phố|xã|ấp|khu phố|bến xe|tượng đài|khu di tích|di tích|công ty|tnhh|doanh nghiệp"
        "|tập đoàn|nhà hàng|khách sạn|nhà xe|nhà máy|dntn|htx|hợp tác xã|đại học|cao đẳng|bến phà"
        "|ngã tư|ngã ba|vòng xoay|đại lộ|góc|nghĩa trang|giáo xứ|khu dân cư|chung cư|tòa nhà"
        "|hội trường|tp|tx|tt|tuyến đường|quảng trường|trung tâm|cầu|chợ|quận|phố|rạch|kênh|cty"
        "|trường|chùa|cửa hàng|phòng khám|nữ tướng|nhạc sĩ|nhà thơ"
    ).split("|")
)
#: Pronoun-like words after a title that are no name ("ông Táo", "bà Chúa").
LEGENDS = frozenset("táo địa trời chúa chủ già bụt tơ ngoại nội công thần hoàng".split())
#: Words that begin sentences; a given name of the same spelling is not looked for alone.
COMMON = frozenset(
    "hiện anh chị em ông bà cô chú bác hai ba tư năm sáu bảy tám chín mười thu xuân hạ đông mai nay"
    " việt nam bắc tây trung tân phú vĩnh bình an sau trong khi theo tại trước còn nhưng và hay do vì"
    " đến từ với có không những các một này đó như thì là ở trên dưới ngoài tuy để nếu công văn thành"
    " đường phố trường đại tiến lợi lễ tết ngày thương hội hòa hà sông hải kim sơn long quang thanh"
    " châu việc người nhà học sinh y tỉnh xã quân nhiều khoa được giả cá vui mừng tốt lớn nhỏ bé út".split()
)
#: Second words that make the capitalised word before them part of another word ("Quốc hội").
COMPOUNDS = frozenset(
    "quân đội|quân ủy|quân khu|quân sự|quân y|quốc hội|quốc gia|quốc tế|quốc phòng|quốc lộ|quốc khánh|thanh niên|thanh tra|thanh thiếu|công an"
    "|công ty|công thương|công đoàn|công viên|công trình|công nghệ|nhân dân|nhân viên|văn hóa"
    "|văn phòng|văn bản|trung tâm|trung ương|trung học|trung đoàn|trung tá|bảo hiểm|bảo vệ|bảo tàng"
    "|hải quan|hải quân|tài chính|tài nguyên|tư pháp|tư lệnh|kinh tế|y tế|xuân này|xuân năm|xuân về"
    "|thường vụ|thường trực|thành phố|thành ủy|thành đoàn|thành viên|đại học|đại biểu|đại diện|đại tá"
    "|dân sự|dân tộc|dân quân|việt gian|thu ngân|thu phí|minh họa|minh bạch|bình luận|bình thường"
    "|sơn la|liên đoàn|liên hiệp|liên minh|liên quan|liên danh|phong trào|phong tỏa|phát triển|tân binh"
    "|chi nhánh|chi cục|chi bộ|chi hội|chi đoàn|giang hồ|hoa hậu|hoa khôi|tiến sĩ|tuyên truyền|tường trình"
    "|hội đồng|hội nông|hội phụ|hội chữ|hội cựu|đoàn trường|đoàn xã|ngân hàng|thống kê|thống đốc"
    "|chính phủ|chính quyền|chính trị|phương án|phương tiện".split("|")
)
#: After "Trường" these make a school, not a name.
SCHOOLS = frozenset("dai thpt thcs tieu mam hoc cao trung th chinh quan si day mau".split())
#: Surnames plain enough to be known in a name that is written small.
PLAIN_SURNAMES = frozenset(
    "nguyễn trần lê phạm huỳnh hoàng phan vũ võ đặng bùi đỗ ngô dương lý đinh trương trịnh lâm phùng"
    " tạ tô châu lương đào đàm hồ thạch nguyen tran pham huynh hoang bui ngo trinh le dinh ly vu".split()
)
#: The twelve animals of the years: "năm Đinh Dậu" is a year.
YEARS = frozenset("tý sửu dần mão thìn tỵ ngọ mùi thân dậu tuất hợi".split())
#: Capitals with dots that are no person's initials.
ABBREVIATIONS = frozenset(
    "tp t.ư t.w tw u.s u.s.a u.n u.k e.u q p h x pgs ts ths gs bs v.v a.i p.v n.v b.t đ.c c.n t.v"
    " k.t b.b.c c.i.a f.b.i v.i.p w.t.o d.c".split()
)

OFFICES = (
    "tổng bí thư|bí thư|phó bí thư|chủ tịch|phó chủ tịch|giám đốc|phó giám đốc|trưởng phòng|phó phòng"
    "|phó trưởng phòng|trưởng ban|phó ban|phó trưởng ban|chánh văn phòng|phó chánh văn phòng"
    "|chánh thanh tra|phó chánh thanh tra|trưởng công an|phó trưởng công an|phó công an|bộ trưởng"
    "|thứ trưởng|thủ tướng|phó thủ tướng|viện trưởng|phó viện trưởng|chánh án|phó chánh án"
    "|cục trưởng|phó cục trưởng|chi cục trưởng|phó chi cục trưởng|vụ trưởng|phó vụ trưởng"
    "|tổng cục trưởng|đội trưởng|đội phó|phó đội trưởng|hạt trưởng|hiệu trưởng|phó hiệu trưởng"
    "|hiệu phó|trưởng ấp|phó ấp|trưởng thôn|trưởng khóm|trưởng khu phố|trưởng trạm|phó trưởng trạm"
    "|trưởng khoa|tổ trưởng tổ|đại biểu|đại tá|thượng tá|trung tá|thiếu tá|đại úy|thượng úy|trung úy"
    "|thiếu úy|thiếu tướng|trung tướng|thượng tướng|đại tướng|chỉ huy trưởng|phó chỉ huy trưởng"
    "|chính ủy|tư lệnh|người phát ngôn|phát ngôn viên|cán bộ|công chức|kiểm sát viên|thẩm phán"
    "|chủ nhiệm|phó chủ nhiệm|ủy viên|đồng chí|trưởng đoàn|phó trưởng đoàn|tổng thanh tra"
    "|tổng kiểm toán|tổng giám đốc|phó tổng giám đốc|quyền chủ tịch|quyền giám đốc|trưởng đồn"
    "|đồn trưởng|chánh tòa|phó trưởng|trưởng|phó chánh|thường vụ|thường trực|lãnh đạo|đ/c|bí thư chi bộ"
    "|chính trị viên|trưởng bộ phận|viện phó|chủ tịch nước|phó chủ tịch nước|tổng thống|đại sứ|thanh tra viên"
).split("|")
#: After an office these words tell that it is one of a firm, not of the public.
FIRMS = frozenset(
    "cong ty|cty|tap doan|hdqt|hoi dong quan tri|doanh nghiep|ngan hang|tnhh|co phan|clb|cau lac bo"
    "|nha hang|khach san|sieu thi|htx|hop tac xa|tong cong ty|hoi dong thanh vien|hdtv|chuoi|thuong hieu"
    "|nha xe|co so|to hop tac".split("|")
)
#: Words that the name of a public body is made of, folded: they may stand between office and name.
BODY = frozenset(
    fold(
        "ubnd hđnd ubmttq mttq uỷ ủy ban nhân dân tỉnh huyện xã phường thị trấn thành phố tp quận sở phòng"
        " công an cục chi đảng bộ hội đồng đoàn mặt trận tổ quốc trung tâm nông nghiệp môi trường tài"
        " nguyên và phát triển xây dựng giao thông vận tải y tế giáo dục đào tạo tư pháp chính kế hoạch"
        " đầu liên minh phụ nữ cựu chiến binh kinh hạ tầng quản lý dự án bảo vệ cảnh sát hình sự điều tra"
        " trật tự khu vực đội trạm nhánh ấp thôn khóm khoa bệnh viện trường thpt thcs tiểu học mầm non"
        " thanh niên thanh tra thuế hải quan kiểm lâm thủy lợi thủy sản văn hóa thể thao du lịch thông tin"
        " truyền thông lao động thương binh xã hội công thương nội vụ ngoại vụ khoa học công nghệ dân tộc"
        " tôn giáo quân đội tòa án viện kiểm sát nước đô thị vệ sinh đất đai chữa cháy cứu nạn cứu hộ"
        " thường trực thường vụ tổ trưởng phó quốc hội chính phủ nhà đại học cao đẳng bí thư chủ tịch"
        " kiêm kỹ thuật trồng trọt chăn nuôi thú y ban chỉ huy quân sự biên phòng đồn đường thuỷ điện lực"
        " đài phòng chống thiên tai chỉ đạo của kiểm tra tổ chức tuyên giáo dân vận văn phòng giám đốc"
        " huyện ủy tỉnh ủy thành ủy hạt khuyến nông môn nghề cơ quan dinh kiểm soát bệnh tật chuyên trách"
        " nguyên hiệu trưởng dược an toàn thực phẩm tiếp công dân một cửa giữ trưởng là"
    ).split()
)


@dataclass(frozen=True, slots=True)
class NameWords:
    """Surnames and given names with accents, the same without, and what is no name."""

    surnames: frozenset[str]
    given: frozenset[str]
    surnames_bare: frozenset[str]
    given_bare: frozenset[str]
    figures: frozenset[str]
    figures_bare: frozenset[str]
    not_names: frozenset[tuple[str, str]]
    not_names_bare: frozenset[tuple[str, str]]


@cache
def name_words() -> NameWords:
    """Return the lists shipped beside this file, read once."""
    surnames, given = _lines("surnames.txt"), _lines("given.txt")
    figures = _lines("figures.txt") | _lines("other_places.txt")
    return NameWords(
        surnames=surnames,
        given=given,
        surnames_bare=frozenset(map(fold, surnames)),
        given_bare=frozenset(map(fold, given)),
        figures=figures,
        figures_bare=frozenset(map(fold, figures)),
        not_names=_pairs("not_names.txt"),
        not_names_bare=_pairs("not_names_folded.txt"),
    )


def _lines(name: str) -> frozenset[str]:
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    return frozenset(normalise(line) for line in lines if line and not line.startswith("#"))


def _pairs(name: str) -> frozenset[tuple[str, str]]:
    rows = (line.split(":") for line in sorted(_lines(name)))
    return frozenset((title, word) for title, words in rows for word in words.split())
