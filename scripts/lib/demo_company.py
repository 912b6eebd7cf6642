"""Made-up companies: the same name, seed and day always give the same people, none of whom exists.

    company = Company(DEMO, today=datetime.date(2026, 11, 22))
    company.units, company.posts     # what there is to work at
    company.people, company.moves    # who came when, who left, who went elsewhere
    company.book()                   # {"员工": rows, "调动": rows} as an HR desk writes them, header first

Every place is held by one person today. Who held it before left, by the yearly turnover, and was followed
within weeks; so the number of people employed today is exact, and three years of comings and goings stand
behind it. ID numbers have a valid check digit, telephone numbers are of nobody in particular.
"""
import datetime
import random
from dataclasses import dataclass, field

FOUNDED = datetime.date(2020, 1, 1)
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
FEMALE = "芳娜敏静丽艳娟秀兰霞桂英华玉红梅欣怡涵诗琪梓萱雪慧莉婷琳洁妍瑶颖倩蕾薇佳蓉璐"
MALE = "伟强磊军洋勇杰涛明超平刚建国文辉力志宏浩然宇轩鹏斌峰波亮凯晨俊毅翔博坤健哲睿"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
AREAS = ("110105", "310104", "440305", "330106", "510107")
ROADS = "人民路 中山路 解放路 建设路 和平路 文化路 新华街 长江路 黄河路 学府路 朝阳街 光明路 幸福路 滨江道 青年路 公园路 银杏街 桂花路 梧桐街 望江路".split()
# Code of the region, of the city (GB/T 2260), its name.
CITIES = (("R1", "310000", "上海"), ("R2", "110000", "北京"), ("R3", "440300", "深圳"), ("R4", "330100", "杭州"),
          ("R5", "510100", "成都"), ("R6", "320100", "南京"), ("R7", "420100", "武汉"), ("R8", "610100", "西安"))
POSTS = {"MGR": "经理", "SM": "店长", "CASHIER": "收银员", "COOK": "厨师", "CLERK": "专员",
         "DSM": "副店长", "SERVER": "服务员", "DRIVER": "配送员"}
GRADES = {"MGR": "M2", "SM": "M1", "DSM": "S3", "CLERK": "S2"}
# Who works at a store beside its manager; taken in turn.
CREW = ("CASHIER", "COOK", "SERVER", "COOK", "SERVER", "CASHIER", "DSM", "SERVER", "COOK", "DRIVER")
OFFICES = (("HR", "人力资源部", 3), ("FIN", "财务部", 4), ("IT", "信息部", 3), ("PUR", "采购部", 2), ("MKT", "市场部", 2),
           ("SUP", "供应链部", 6), ("OPS", "运营部", 3), ("HQ", "总经办", 1))
KINDS = ("全日制",) * 7 + ("非全日制",) * 2 + ("劳务派遣",)
REASONS = ("辞职",) * 8 + ("合同到期", "协商一致", "解除")


@dataclass(frozen=True)
class Shape:
    """What a company is like; turnover is of a year, in per cent."""
    code: str
    name: str
    seed: int
    prefix: str
    stores: int
    employed: int
    years: int = 0
    turnover: int = 38
    cities: int = 1

    @property
    def crew(self):
        """Places at each store; the head office has the rest."""
        return self.employed * 185 // 200 // self.stores


SMALL = (Shape("demo", "华灯餐饮", 1, "D", 3, 50), Shape("second", "远山制造", 2, "S", 1, 14))
BIG = (Shape("demo", "华灯餐饮", 1, "D", 50, 2000, years=3, cities=8), Shape("second", "远山制造", 2, "S", 4, 200, years=1))


@dataclass
class Unit:
    code: str
    kind: str
    name: str
    parent: str = None
    since: datetime.date = FOUNDED
    city: str = CITIES[0][1]


@dataclass
class Person:
    unit: str
    post: str
    hired: datetime.date
    left: datetime.date = None  # first day without the employment
    reason: str = None
    kind: str = KINDS[0]
    settled: bool = False       # one of those with an account: stays, and stays where they are
    number: str = ""
    name: str = ""
    sex: str = ""
    id_number: str = ""
    mobile: str = ""

    def day(self, share):
        """A day of theirs, by share of the time; of one who has left only."""
        return self.hired + (self.left - self.hired) * share


@dataclass
class Move:
    person: Person
    day: datetime.date
    unit: str
    post: str = field(default="")


def check_digit(body):
    """The 18th character of a resident's number (GB 11643-1999)."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS)) % 11]


class Company:
    def __init__(self, shape, today):
        self.shape, self.today = shape, today
        self.random = random.Random(shape.seed)
        self.begins = today.replace(year=today.year - shape.years, day=min(today.day, 28))
        self.taken = set()
        self.units = {u.code: u for u in self.make_units()}
        self.posts = POSTS
        self.people, self.moves = [], []
        for unit, post, settled in self.places():
            self.fill(unit, post, settled)
        self.move_some()
        self.number_all()

    # ---- where ----

    def make_units(self):
        shape = self.shape
        yield Unit("HQ", "COMPANY", shape.name)
        for code, title, _ in OFFICES:
            if code not in ("HQ", "OPS") and (shape.years or code in ("HR", "FIN")):
                yield Unit(code, "DEPARTMENT", title, "HQ")
        yield Unit("OPS", "REGION", "运营部", "HQ")
        cities = CITIES[:shape.cities]
        if len(cities) > 1:
            for code, city, title in cities:
                yield Unit(code, "REGION", title + "大区", "OPS", city=city)
        for i in range(shape.stores):
            code, city, title = cities[i % len(cities)]
            yield Unit(f"S{i + 1:03}", "STORE", f"{shape.name}{title}{self.road(i // len(cities))}店",
                       code if len(cities) > 1 else "OPS", self.opening(i), city)

    @staticmethod
    def road(i):
        return ROADS[i % len(ROADS)] + ("" if i < len(ROADS) else f"{i // len(ROADS) + 1}号")

    def opening(self, i):
        """The last two fifths of the stores opened in the years that are told, one after the other."""
        old = self.shape.stores * 3 // 5
        if not self.shape.years or i < old:
            return FOUNDED
        span = (self.today - self.begins).days - 120
        return self.begins + datetime.timedelta(span * (i - old) // max(self.shape.stores - old, 1))

    def places(self):
        """(unit, post, settled) of each: those with an account first, then the managers of stores."""
        yield from ((u, p, True) for u, p in (("HR", "MGR"), ("HR", "CLERK"), ("FIN", "MGR"), ("FIN", "CLERK"),
                                              ("OPS", "MGR"), ("HQ", "CLERK")))
        stores = [u.code for u in self.units.values() if u.kind == "STORE"]
        yield from ((s, "SM", s == "S001") for s in stores)
        made = 6 + len(stores)
        for i in range(1, self.shape.crew):
            for store in stores:
                if made < self.shape.employed:
                    made += 1
                    yield store, CREW[(i - 1) % len(CREW)], store == "S001" and i <= 3
        offices = [code for code, _, weight in OFFICES for _ in range(weight) if code in self.units]
        for i in range(self.shape.employed - made):
            yield offices[i % len(offices)], "CLERK", False

    # ---- who, and since when ----

    def day_between(self, first, last):
        return first + datetime.timedelta(self.random.randint(0, max((last - first).days, 0)))

    def first_day(self, opened, settled):
        """Of the first to hold a place: from 2021 on, or in the first weeks of a store that opened later."""
        if opened > FOUNDED:
            return self.day_between(opened, opened + datetime.timedelta(20))
        first = FOUNDED + datetime.timedelta(366)
        if self.shape.years:
            return self.day_between(first, first + datetime.timedelta(360) if settled else self.begins)
        return self.day_between(first, FOUNDED.replace(year=2025, month=12, day=28))

    def fill(self, unit, post, settled):
        """The chain of those who held this place until today's."""
        r = self.random
        hired = self.first_day(self.units[unit].since, settled)
        now = max(hired, self.begins)
        while True:
            person = Person(unit, post, hired, kind=r.choice(KINDS) if post in CREW else KINDS[0], settled=settled)
            self.people.append(person)
            stays = r.expovariate(self.shape.turnover / 100 / 365) if self.shape.years and not settled else float("inf")
            if stays >= (self.today - now).days:
                return
            person.left = max(now + datetime.timedelta(int(stays)), hired + datetime.timedelta(1))
            person.reason = r.choice(REASONS)
            hired = now = min(person.left + datetime.timedelta(r.randint(0, 25)), self.today)

    def move_some(self):
        """Some twelfth of the crew changes store once, at a time when the other one is open."""
        r = self.random
        stores = [u for u in self.units.values() if u.kind == "STORE"]
        if not self.shape.years:
            return
        for person in self.people:
            if person.settled or person.post not in CREW or person.post == "DSM" or r.random() > 0.085 * self.shape.years / 2:
                continue
            last = person.left or self.today
            first = max(person.hired, self.begins)
            open_by_then = [u for u in stores if u.since <= last - datetime.timedelta(40) and u.code != person.unit]
            if (last - first).days < 120 or not open_by_then:
                continue
            to = r.choice(open_by_then)
            begin = max(first + datetime.timedelta(60), to.since + datetime.timedelta(10))
            self.moves.append(Move(person, self.day_between(begin, last - datetime.timedelta(20)), to.code, person.post))

    def number_all(self):
        """Numbers in the order of the hires, but those with an account first."""
        order = sorted(self.people, key=lambda p: (not p.settled, p.hired if self.shape.years and not p.settled else FOUNDED))
        for n, person in enumerate(order, 1):
            person.number = f"{self.shape.prefix}{n:04}"
            self.name(person)
        self.people = order
        self.moves.sort(key=lambda m: (m.day, m.person.number))

    def name(self, person):
        r = self.random
        female = r.random() < 0.55
        given = "".join(r.choice(FEMALE if female else MALE) for _ in range(r.choice((1, 2, 2))))
        person.name, person.sex = r.choice(SURNAMES) + given, "女" if female else "男"
        person.id_number = self.unique(lambda: self.id_number(person.hired, female))
        person.mobile = self.unique(lambda: "1" + r.choice("3589") + f"{r.randrange(10**9):09}")

    def unique(self, draw):
        while (value := draw()) in self.taken:
            pass
        self.taken.add(value)
        return value

    def id_number(self, hired, female):
        """Of somebody who was 18 to 50 years old when they came."""
        r = self.random
        born = f"{hired.year - r.randint(19, 50)}{r.randint(1, 12):02}{r.randint(1, 28):02}"
        body = r.choice(AREAS) + born + f"{r.randint(0, 99):02}{r.randrange(0, 10, 2) + (0 if female else 1)}"
        return body + check_digit(body)

    # ---- as HR writes it ----

    def book(self):
        return {"员工": self.staff_rows(), "调动": self.move_rows()}

    def staff_rows(self):
        yield ("工号", "姓名", "性别", "证件类型", "身份证号", "手机号码", "入职日期", "门店编码", "岗位", "用工形式", "职级",
               "离职日期", "离职原因")
        for p in self.people:
            yield (p.number, p.name, p.sex, "居民身份证", p.id_number, p.mobile, p.hired, p.unit, POSTS[p.post], p.kind,
                   GRADES.get(p.post, "S1"), p.left, p.reason)

    def move_rows(self):
        yield ("工号", "姓名", "调动日期", "调入门店编码", "调入岗位")
        for m in self.moves:
            yield m.person.number, m.person.name, m.day, m.unit, POSTS[m.post]

    # ---- for those who load it ----

    def employed(self):
        return [p for p in self.people if p.left is None]

    def first(self, unit, post):
        return next(p.number for p in self.people if p.settled and p.unit == unit and p.post == post)
