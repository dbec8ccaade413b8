"""The library models of databases, caches, queues, clouds and mail: what backends make of them has a type."""

from __future__ import annotations

from textwrap import dedent

import pytest
from test_inference import answers

CASES = {
    "clients by the name of a service, pages and resources": """
        import boto3

        def copy(name):
            s3 = boto3.client("s3")
            reveal(s3)  # S3
            reveal(s3.get_object(Bucket=name, Key="a"))  # dict
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
                reveal(page)  # dict
            for thing in boto3.resource("s3").Bucket(name).objects.filter(Prefix="a"):
                reveal(thing.key)  # str
    """,
    "an async client is entered": """
        import aioboto3

        async def read(name):
            async with aioboto3.Session().client("s3") as s3:
                reveal(await s3.get_object(Bucket=name, Key="a"))  # dict
    """,
    "a pipeline collects and gives itself": """
        import redis
        import redis.asyncio as aioredis

        def visit(r: redis.Redis):
            reveal(r.incr("visits"))  # int
            with r.pipeline() as pipe:
                reveal(pipe.incr("visits").expire("visits", 60))  # Pipeline
                reveal(pipe.execute())  # list

        async def listen():
            pubsub = aioredis.from_url("redis://cache").pubsub()
            reveal(pubsub)  # PubSub
            async for message in pubsub.listen():
                reveal(message)  # dict
    """,
    "connections of a pool and their rows": """
        import asyncpg

        async def users():
            pool = await asyncpg.create_pool("postgresql://db/shop")
            async with pool.acquire() as connection:
                reveal(connection)  # Connection
                for row in await connection.fetch("SELECT 1"):
                    reveal(row)  # Record
    """,
    "collections of MongoDB are attributes and items": """
        from motor.motor_asyncio import AsyncIOMotorClient
        from pymongo import MongoClient

        def find():
            client = MongoClient()
            reveal(client.shop.users.find_one({}))  # dict
            reveal(client["shop"]["users"].find({}).sort("name").limit(5))  # Cursor

        async def find_too(client: AsyncIOMotorClient):
            async for user in client.shop.users.find({}):
                reveal(user)  # dict
    """,
    "documents are classes of the project": """
        import mongoengine
        from beanie import Document

        class User(Document):
            name: str

        class Page(mongoengine.Document):
            title = mongoengine.StringField()

        async def read():
            reveal(await User.get("1"))  # User
            reveal(await User.find(User.name == "a").to_list())  # list[User]
            reveal(await User.find_one())  # User
            reveal(Page.objects(title="a").first())  # Page
    """,
    "tasks are sent and asked for": """
        from celery import Celery, shared_task
        from rq import Queue

        app = Celery("shop")

        @app.task
        def bill(): ...

        @shared_task(bind=True)
        def mail(self): ...

        def order(queue: Queue):
            reveal(bill.delay())  # AsyncResult
            reveal(mail.apply_async())  # AsyncResult
            reveal(bill.s())  # Signature
            reveal(queue.enqueue(bill))  # Job
    """,
    "messages of consumers": """
        import aio_pika
        from kafka import KafkaConsumer

        def read():
            for record in KafkaConsumer("orders"):
                reveal(record.topic)  # str

        async def take():
            connection = await aio_pika.connect_robust("amqp://broker")
            channel = await connection.channel()
            queue = await channel.declare_queue("orders")
            async with queue.iterator() as messages:
                async for message in messages:
                    reveal(message)  # AbstractIncomingMessage
    """,
    "answers of a model": """
        from openai import AsyncOpenAI

        async def ask(client: AsyncOpenAI):
            answer = await client.chat.completions.parse(messages=[])
            for choice in answer.choices:
                reveal(choice.message.content)  # str
            found = await client.embeddings.create(input="a", model="b")
            reveal(found.data[0])  # Embedding
    """,
    "what a loop over a result gives, where the result has no name": """
        import git

        def history():
            for commit in git.Repo(".").iter_commits():
                reveal(commit)  # Commit
    """,
    "objects of a cloud": """
        from azure.storage.blob import BlobServiceClient
        from google.cloud import bigquery, storage
        from kubernetes import client

        def read(name):
            reveal(storage.Client().bucket(name).blob("a").download_as_bytes())  # bytes
            reveal(BlobServiceClient.from_connection_string(name).get_blob_client("a", "b"))  # BlobClient
            for row in bigquery.Client().query("SELECT 1").result():
                reveal(row)  # Row
            for pod in client.CoreV1Api().list_namespaced_pod(name).items:
                reveal(pod.metadata.name)  # str
    """,
}


@pytest.mark.parametrize("source", CASES.values(), ids=CASES)
def test_what_services_give_is_known(source: str) -> None:
    found = list(answers({"app.py": dedent(source)}))
    assert found
    assert [one for one in found if one[1] != one[2]] == []


def test_a_file_named_like_a_library_imports_the_library() -> None:
    source = "import redis\n\n\nclient = redis.Redis()\nreveal(client)  # Redis\n"
    assert list(answers({"shop/stores/redis.py": source})) == [("shop/stores/redis.py:5", "Redis", "Redis")]
