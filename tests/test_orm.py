"""Models of the object mappers: what queries, managers, related objects and columns are taken to be."""

from __future__ import annotations

from test_inference import check


def test_django_managers_and_query_sets_hold_the_model() -> None:
    check(
        """
        from django.contrib.auth import get_user_model
        from django.shortcuts import get_object_or_404
        from django.db import models

        class Author(models.Model):
            name = models.CharField(max_length=10)
            age = models.IntegerField()

        def f(request):
            reveal(Author.objects)  # Manager[Author]
            reveal(Author.objects.filter(name="x"))  # QuerySet[Author]
            reveal(Author.objects.filter(name="x").order_by("age")[:3])  # QuerySet[Author]
            reveal(Author.objects.get(pk=1))  # Author
            reveal(Author.objects.filter(age=3).first())  # Author
            reveal(Author.objects.all()[0])  # Author
            reveal(Author.objects.values("name"))  # QuerySet[dict]
            reveal(Author.objects.count())  # int
            reveal(Author._default_manager)  # Manager[Author]
            author, made = Author.objects.get_or_create(name="x")
            reveal(author)  # Author
            reveal(made)  # ?
            for one in Author.objects.exclude(age=3):
                reveal(one)  # Author
                reveal(one.name)  # str
                reveal(one.age)  # int
                reveal(one.save)  # django.db.models.Model.save
            reveal([a for a in Author.objects.all()][0])  # Author
            reveal(list(Author.objects.all()))  # list[Author]
            reveal(list(Author.objects.all())[0])  # Author
            reveal(next(iter(Author.objects.all())))  # Author
            reveal(Author.objects.in_bulk([1])[1])  # Author
            reveal(get_object_or_404(Author, pk=1))  # Author
            reveal(get_object_or_404(Author.objects.filter(age=1), pk=1))  # Author
            reveal(get_object_or_404(Author.objects, pk=1))  # Author
            reveal(Author.objects.model)  # type[Author]
            reveal(Author._meta)  # Options
            reveal(Author.name)  # CharField

        async def g():
            reveal(await Author.objects.aget(pk=1))  # Author
            reveal(await Author.objects.filter(pk=1).afirst())  # Author
            async for one in Author.objects.all():
                reveal(one)  # Author
        """
    )


def test_django_managers_of_the_project() -> None:
    check(
        """
        from django.db import models

        class BookQuery(models.QuerySet):
            def cheap(self):
                return self.filter(price__lt=5)

        class BookManager(models.Manager):
            def get_queryset(self):
                return BookQuery(self.model, using=self._db)

            def best(self):
                return self.filter(best=True)

        class TeamManager(models.Manager.from_queryset(BookQuery)):
            def local(self):
                return self.cheap()

        class Timed(models.Model):
            objects = BookManager()
            class Meta:
                abstract = True

        class Book(Timed):
            cheap_ones = BookQuery.as_manager()
            made = models.Manager.from_queryset(BookQuery)()
            team = TeamManager()
            both = BookManager.from_queryset(BookQuery)()

        def f():
            reveal(Book.objects)  # BookManager[Book]
            reveal(Book.objects.best())  # BookQuery[Book]
            reveal(Book.objects.filter(x=1).cheap())  # BookQuery[Book]
            reveal(Book.objects.filter(x=1).cheap().first())  # Book
            reveal(Book.cheap_ones.cheap().get())  # Book
            reveal(Book.made.cheap().get())  # Book
            reveal(Book.team.local().first())  # Book
            reveal(Book.objects.create(x=1))  # Book
            reveal(Book.both.best().cheap().get())  # Book
            reveal(Book.both.cheap().get())  # Book
        """
    )


def test_django_relations() -> None:
    check(
        """
        from django.apps import apps
        from django.conf import settings
        from django.contrib.auth import get_user_model
        from django.db import models
        from people import Person

        class Tag(models.Model): ...

        class Order(models.Model):
            person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="orders")
            by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
            parent = models.ForeignKey("self", related_name="children", null=True, on_delete=models.CASCADE)
            house = models.OneToOneField(to="people.House", on_delete=models.CASCADE)
            tags = models.ManyToManyField(Tag)

        User = get_user_model()

        def f(order: Order, person: Person, tag: Tag, house: "people.House"):
            reveal(order.person)  # Person
            reveal(order.by)  # Account
            reveal(order.parent.parent)  # Order
            reveal(order.house)  # House
            reveal(order.tags)  # Manager[Tag]
            reveal(order.tags.all().first())  # Tag
            reveal(person.orders)  # Manager[Order]
            reveal(person.orders.filter(x=1).first().person)  # Person
            reveal(order.children.get())  # Order
            reveal(tag.order_set.first())  # Order
            reveal(order.house.order)  # Order
            reveal(apps.get_model("people", "House").objects.first())  # House
            reveal(apps.get_model("people.House"))  # type[House]
            reveal(User)  # type[Account]
            reveal(User.objects.create_user("x"))  # Account
        """,
        people="""
        from django.contrib.auth.base_user import BaseUserManager
        from django.contrib.auth.models import AbstractUser
        from django.db import models

        class AccountManager(BaseUserManager["Account"]):
            def create_user(self, name):
                return self.model(name=name)

        class Person(models.Model): ...
        class House(models.Model): ...
        class Account(AbstractUser):
            objects = AccountManager.from_queryset(models.QuerySet)()
        """,
        settings="""
        AUTH_USER_MODEL = "people.Account"
        """,
    )


def test_django_migrations_point_at_nothing() -> None:
    check(
        """
        from django.db import migrations, models

        class Author(models.Model): ...
        class Book(models.Model):
            author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
        class Migration(migrations.Migration):
            operations = [
                migrations.AddField(
                    "book", "author", models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
                )
            ]
        def f(author: Author):
            reveal(author.books)  # Manager[Book]
        """
    )


def test_django_views_and_serializers() -> None:
    check(
        """
        from django.contrib import admin
        from django.db import models
        from django.forms import ModelForm
        from django.views.generic import DetailView
        from rest_framework import serializers, viewsets

        class Car(models.Model): ...

        class CarSerializer(serializers.ModelSerializer):
            class Meta:
                model = Car

        class CarForm(ModelForm):
            class Meta:
                model = Car

        class CarView(DetailView):
            model = Car
            def get(self, request):
                reveal(self.get_queryset())  # Manager[Car]
                reveal(self.get_object())  # Car
                reveal(self.object)  # Car
                reveal(self.request)  # HttpRequest
                reveal(CarForm(request.POST).save())  # Car

        class Cars(viewsets.ModelViewSet):
            queryset = Car.objects.all()
            serializer_class = CarSerializer
            def perform_create(self, serializer):
                reveal(self.get_queryset())  # QuerySet[Car]
                reveal(self.filter_queryset(self.get_queryset()))  # QuerySet[Car]
                reveal(self.get_object())  # Car
                reveal(self.get_serializer(data=1))  # CarSerializer
                reveal(self.get_serializer(data=1).save())  # Car
                reveal(self.request.user)  # User

        class Own(viewsets.ModelViewSet):
            def get_queryset(self):
                return Car.objects.filter(x=1)
            def retrieve(self, request):
                reveal(self.get_object())  # Car
        """
    )


def test_sqlalchemy_queries() -> None:
    check(
        """
        from sqlalchemy import Column, ForeignKey, Integer, select, text
        from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
        from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker, declarative_base

        class Base(DeclarativeBase): ...
        Old = declarative_base()

        class User(Base):
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str]

        class Thing(Old):
            name = Column(Integer)

        Local = sessionmaker(bind=None)
        Async = sessionmaker(None, class_=AsyncSession)
        Newer = async_sessionmaker(None)

        def f(session: Session):
            reveal(session.query(User))  # Query[User]
            reveal(session.query(User).filter(User.id == 1).first())  # User
            reveal(session.query(User).all())  # list[User]
            for user in session.query(User):
                reveal(user.id)  # int
                reveal(user.name)  # str
            reveal(session.get(User, 1))  # User
            statement = select(User).where(User.id == 1)
            reveal(statement)  # Select[User]
            reveal(session.execute(statement).scalar_one_or_none())  # User
            reveal(session.execute(statement).scalars().all())  # list[User]
            reveal(session.scalars(statement).first())  # User
            reveal(session.scalar(statement))  # User
            reveal(session.execute(statement).first())  # Row[User]
            for row in session.execute(select(User, Thing)):
                reveal(row[0])  # User
                reveal(row[1])  # ?
            for user, thing in session.execute(select(User, Thing)):
                reveal(user)  # User
                reveal(thing)  # ?
            reveal(session.query(User, Thing).first())  # Row[User]
            reveal(session.execute(text("SELECT 1")).fetchone())  # Row
            reveal(session.query(Thing).one().name)  # ?
            reveal(Local())  # Session
            with Local() as other:
                reveal(other)  # Session
            with Local.begin() as begun:
                reveal(begun)  # Session

        async def g():
            async with Async() as session:
                reveal(session)  # AsyncSession
                reveal((await session.execute(select(User))).scalars().all())  # list[User]
            async with Newer() as session:
                reveal(await session.scalar(select(User)))  # User
                reveal(await session.get(User, 1))  # User
                result = await session.scalars(select(User))
                reveal([u for u in result][0])  # User
        """
    )


def test_sqlalchemy_relationships() -> None:
    check(
        """
        from __future__ import annotations
        from typing import List, Optional
        from sqlalchemy import Column, ForeignKey, Integer
        from sqlalchemy.orm import DeclarativeBase, Mapped, backref, relationship

        class Base(DeclarativeBase): ...

        class User(Base):
            addresses: Mapped[List["Address"]] = relationship(back_populates="user")
            team: Mapped[Optional["Team"]] = relationship()
            one = relationship("Address", uselist=False)
            many = relationship("Address", uselist=True)
            home = relationship("Address")
            team_id = Column(Integer, ForeignKey("team.id"))
            group = relationship("Team", backref="members")

        class Address(Base):
            user_id = Column(Integer, ForeignKey("user.id"))
            user: Mapped[User] = relationship(back_populates="addresses")

        class Team(Base):
            boss = relationship("User", backref=backref("leads", uselist=False), uselist=False)

        def f(user: User, address: Address, team: Team):
            reveal(user.addresses)  # list[Address]
            reveal(user.addresses[0].user)  # User
            reveal(user.team)  # Team
            reveal(user.one)  # Address
            reveal(user.many)  # list[Address]
            reveal(user.home)  # list[Address]
            reveal(user.group)  # Team
            reveal(team.members)  # list[User]
            reveal(team.members[0].group)  # Team
            reveal(user.leads)  # Team
            reveal(User.one)  # Relationship[Address]
        """
    )


def test_flask_sqlalchemy() -> None:
    check(
        """
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()

        class User(db.Model):
            id = db.Column(db.Integer)
            posts = db.relationship("Post", uselist=True)

        class Post(db.Model): ...

        def f():
            reveal(User.query)  # Query[User]
            reveal(User.query.filter_by(id=1).first())  # User
            reveal(User.query.get_or_404(1).posts)  # list[Post]
            reveal(User.query.paginate().items)  # list[User]
            reveal(db.session.query(User).all())  # list[User]
            reveal(db.session.execute(db.select(User)).scalars().first())  # User
            reveal(db.get_or_404(User, 1))  # User
            reveal(db.session)  # scoped_session
        """
    )


def test_sqlmodel_and_pydantic() -> None:
    check(
        """
        from typing import Optional
        from pydantic import BaseModel, Field as PField
        from sqlmodel import Field, Relationship, Session, SQLModel, select

        class Team(SQLModel, table=True):
            id: int | None = Field(default=None)
            heroes: list["Hero"] = Relationship(back_populates="team")

        class Hero(SQLModel, table=True):
            team: Optional[Team] = Relationship(back_populates="heroes")

        class Dto(BaseModel):
            team: Team = PField(default=None)
            names: list[str] = PField(default_factory=list)

        def f(session: Session):
            hero = session.exec(select(Hero)).first()
            reveal(hero)  # Hero
            reveal(hero.team)  # Team
            reveal(hero.team.heroes)  # list[Hero]
            reveal(Team.model_validate({}))  # Team
            reveal(Dto.parse_obj({}))  # Dto
            reveal(Dto.parse_obj({}).team)  # Team
            reveal(Dto().names)  # list[str]
            reveal(Dto().model_copy())  # Dto
        """
    )


def test_peewee() -> None:
    check(
        """
        import peewee
        from peewee import CharField, ForeignKeyField, Model

        class Person(Model):
            name = CharField()

        class Pet(peewee.Model):
            owner = ForeignKeyField(Person, backref="pets")

        def f():
            reveal(Person.select().where(Person.name == "x"))  # ModelSelect[Person]
            reveal(Person.get(Person.name == "x"))  # Person
            reveal(Person.select().first().name)  # str
            for pet in Pet.select().join(Person):
                reveal(pet.owner)  # Person
            person, made = Person.get_or_create(name="x")
            reveal(person)  # Person
            reveal(Pet.select().dicts().get())  # dict
        """
    )


def test_tortoise() -> None:
    check(
        """
        from tortoise import fields
        from tortoise.models import Model

        class Team(Model):
            name = fields.CharField(max_length=10)
            events: fields.ReverseRelation["Event"]

        class Event(Model):
            team = fields.ForeignKeyField("models.Team", related_name="events")
            hosts: fields.ManyToManyRelation[Team] = fields.ManyToManyField("models.Team")

        async def f():
            reveal(await Event.all())  # list[Event]
            reveal(await Event.filter(id=1).first())  # Event
            reveal((await Event.get(id=1)).team)  # Team
            reveal((await Team.get(id=1).prefetch_related("events")).name)  # str
            reveal(await Event.create(id=1))  # Event
            async for event in Event.all():
                reveal(event)  # Event
                reveal(await event.hosts.all())  # list[Team]
            reveal(await (await Team.first()).events.filter(id=1).count())  # int
        """
    )
