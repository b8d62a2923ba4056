"""Words that the place finder goes by: type words, numbers in words, what is not a place."""

from __future__ import annotations

from nlp.normalise import fold


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(text).split())


#: Every way to write a type word, folded, to its full form.
TYPES = {
    "thanh pho": "thanh pho", "tp": "thanh pho", "thi tran": "thi tran", "tt": "thi tran",
    "thi xa": "thi xa", "tx": "thi xa", "dac khu": "dac khu", "huyen": "huyen", "h": "huyen",
    "phuong": "phuong", "p": "phuong", "f": "phuong", "quan": "quan", "q": "quan",
    "tinh": "tinh", "t": "tinh", "xa": "xa", "x": "xa",
}  # fmt: skip
TYPES_SPELLED = "thanh pho|thi tran|thi xa|dac khu|huyen|phuong|quan|tinh|xa"
SPELLED = {
    "nhat": "1", "mot": "1", "hai": "2", "ba": "3", "bon": "4", "tu": "4", "nam": "5", "sau": "6",
    "bay": "7", "tam": "8", "chin": "9", "muoi": "10",
}  # fmt: skip
SURNAMES = _words(
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Trịnh Trương "
    "Đoàn Mai Tô Lâm Đào Cao Hà Lương Lưu Châu Tạ Phùng Tống Thái Kiều Nghiêm Quách Vương "
    "Thạch Văn Thị Tăng Triệu Chu Doãn Giang Từ La Mạc Khổng Viên Lục Ông Bà Anh Chị Cô Chú"
)
#: Capitalised words after which a place's name may follow as a name of its own.
NEXT_NAME = _words(
    "An Sở Tỉnh Huyện Thành Xã Phường Quận Phố Bắc Nam Đông Tây Trường Chợ Viện Đài Báo Cục "
    "Công Tòa Ủy Ban Đội Cảng Ga Khu Cầu Tại Ở"
)
#: Names abroad, and other long names, that contain or resemble names of the map.
FOREIGN = {
    fold(name): name
    for name in (
        "Thái Bình Dương", "Tân Hoa Xã", "Quảng Châu", "Quảng Tây", "Quảng Đông", "Vân Nam",
        "Hải Nam", "Tân Cương", "Hồ Nam", "Hồ Bắc", "Hà Bắc", "Nam Kinh", "Bắc Kinh", "Sơn Đông",
        "Phúc Kiến", "Giang Tô", "Giang Tây", "Chiết Giang", "Thượng Hải",
        "Thâm Quyến", "Đài Loan", "Đài Bắc", "Hồng Kông", "Ma Cao",
        "Đông Nam Á", "Hàn Quốc", "Trung Quốc", "Triều Tiên", "Nhật Bản", "Hoa Kỳ", "Ấn Độ",
        "Thái Lan", "Campuchia", "Bình Nhưỡng", "Tứ Xuyên", "Hắc Long Giang", "Liêu Ninh",
        "An Huy", "Thiên Tân", "Quý Châu", "Cam Túc", "Tây An", "Vũ Hán",
        "Biển Đông",
    )
}  # fmt: skip
