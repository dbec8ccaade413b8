"""For every library that waits: a call that may wait for ever, and one that may not, run through the real rules."""

from __future__ import annotations

from functools import cache

import pytest
from marks import Judged, judge

HTTP, DATABASE, CACHE = "http-call-without-timeout", "database-call-without-timeout", "cache-call-without-timeout"
MAIL, PROCESS = "mail-call-without-timeout", "process-call-without-timeout"
RULES = (HTTP, DATABASE, CACHE, MAIL, PROCESS)

# The library, what its file imports, the call that may wait for ever, the one that may not, and the rule.
# Written from the sources of the libraries: where a default is safe, an explicit None is what takes it away.
TABLE = [
    ("requests", "import requests", "requests.get(URL)", "requests.get(URL, timeout=(3, 10))", HTTP),
    ("requests-session", "import requests", "requests.Session().post(URL)", "requests.Session().post(URL, timeout=5)", HTTP),
    ("httpx", "import httpx", "httpx.get(URL, timeout=None)", "httpx.get(URL)", HTTP),
    ("httpx-client", "import httpx", "httpx.Client(timeout=None).get(URL)", "httpx.Client().get(URL)", HTTP),
    ("httpx-timeout", "import httpx", "httpx.get(URL, timeout=httpx.Timeout(None))", "httpx.get(URL, timeout=httpx.Timeout(5, connect=2))", HTTP),
    ("httpx2", "import httpx2", "httpx2.get(URL, timeout=None)", "httpx2.get(URL)", HTTP),
    ("httpx2-client", "import httpx2", "httpx2.Client(timeout=None).get(URL)", "httpx2.Client(timeout=3).get(URL)", HTTP),
    ("urllib", "import urllib.request", "urllib.request.urlopen(URL)", "urllib.request.urlopen(URL, timeout=5)", HTTP),
    ("urllib3", "import urllib3", "urllib3.PoolManager().request('GET', URL)", "urllib3.PoolManager(timeout=5).request('GET', URL)", HTTP),
    ("xmlrpc", "import xmlrpc.client", "xmlrpc.client.ServerProxy(URL)", None, HTTP),
    ("openai", "import openai", "openai.OpenAI(timeout=None)", "openai.OpenAI()", HTTP),
    ("anthropic", "import anthropic", "anthropic.Anthropic(timeout=None)", "anthropic.Anthropic()", HTTP),
    ("groq", "import groq", "groq.Groq(timeout=None)", "groq.Groq()", HTTP),
    ("google-genai", "from google import genai\nfrom google.genai import types", "genai.Client()", "genai.Client(http_options=types.HttpOptions(timeout=30_000))", HTTP),
    ("google-auth", "from google.auth.transport.requests import AuthorizedSession", "AuthorizedSession(who).get(URL, timeout=None)", "AuthorizedSession(who).get(URL)", HTTP),
    ("gspread", "import gspread", "gspread.service_account().open('rates')", None, HTTP),
    ("cohere", "import cohere", None, "cohere.Client(timeout=None)", HTTP),
    ("litellm", "import litellm", None, "litellm.completion('gpt', [], timeout=None)", HTTP),
    ("zeep", "import zeep", "zeep.Client(URL)", "zeep.Client(URL, transport=zeep.Transport(operation_timeout=10))", HTTP),
    ("zeep-transport", "import zeep", "zeep.Client(URL, transport=zeep.Transport(timeout=10))", None, HTTP),
    ("suds", "from suds.client import Client", None, "Client(URL)", HTTP),
    ("twilio", "from twilio.rest import Client\nfrom twilio.http.http_client import TwilioHttpClient", "Client('a', 'b')", "Client('a', 'b', http_client=TwilioHttpClient(timeout=5))", HTTP),
    ("stripe", "import stripe", None, "stripe.StripeClient('k')", HTTP),
    ("slack-sdk", "from slack_sdk import WebClient", "WebClient('t', timeout=None)", "WebClient('t')", HTTP),
    ("slack-webhook", "from slack_sdk.webhook import WebhookClient", "WebhookClient(URL, None)", "WebhookClient(URL)", HTTP),
    ("pygithub", "from github import Github", "Github(timeout=None)", "Github()", HTTP),
    ("hvac", "import hvac", "hvac.Client(URL, timeout=None)", "hvac.Client(URL)", HTTP),
    ("azure-blob", "from azure.storage.blob import BlobServiceClient", "BlobServiceClient(URL, read_timeout=None)", "BlobServiceClient(URL)", HTTP),
    ("boto3", "import boto3", None, "boto3.client('s3')", HTTP),
    ("supabase", "import supabase", None, "supabase.create_client(URL, 'k')", HTTP),
    ("psycopg2", "import psycopg2", "psycopg2.connect(host='db')", "psycopg2.connect(host='db', options='-c statement_timeout=5000')", DATABASE),
    ("psycopg", "import psycopg", None, "psycopg.connect(host='db')", DATABASE),
    ("asyncpg", "import asyncpg", "await asyncpg.connect(host='db')", "await asyncpg.connect(host='db', command_timeout=5)", DATABASE),
    ("pymysql", "import pymysql", "pymysql.connect(host='db')", "pymysql.connect(host='db', read_timeout=5)", DATABASE),
    ("mysqlclient", "import MySQLdb", "MySQLdb.connect(host='db')", "MySQLdb.connect(host='db', read_timeout=5)", DATABASE),
    ("mysql-connector", "import mysql.connector", "mysql.connector.connect(host='db')", "mysql.connector.connect(host='db', read_timeout=5)", DATABASE),
    ("mysql-connector-aio", "import mysql.connector.aio", "await mysql.connector.aio.connect(host='db')", "await mysql.connector.aio.connect(host='db', read_timeout=5)", DATABASE),
    ("pymongo", "import pymongo", "pymongo.MongoClient('db')", "pymongo.MongoClient('db', socketTimeoutMS=5000)", DATABASE),
    ("influxdb-client", "import influxdb_client", "influxdb_client.InfluxDBClient(URL, 't', timeout=None)", "influxdb_client.InfluxDBClient(URL, 't')", DATABASE),
    ("sqlite3", "import sqlite3", None, "sqlite3.connect('app.db')", DATABASE),
    ("redis", "import redis", "redis.Redis(socket_timeout=None)", "redis.Redis()", CACHE),
    ("redis-asyncio", "import redis.asyncio", "redis.asyncio.Redis(socket_timeout=None)", "redis.asyncio.Redis()", CACHE),
    ("pymemcache", "from pymemcache.client.base import Client", "Client('cache')", "Client('cache', timeout=1)", CACHE),
    ("python-memcached", "import memcache", "memcache.Client(['cache'], socket_timeout=None)", "memcache.Client(['cache'])", CACHE),
    ("smtplib", "import smtplib", "smtplib.SMTP('mail')", "smtplib.SMTP('mail', timeout=5)", MAIL),
    ("aiosmtplib", "import aiosmtplib", "await aiosmtplib.send(mail, timeout=None)", "await aiosmtplib.send(mail)", MAIL),
    ("sendgrid", "import sendgrid", "sendgrid.SendGridAPIClient('k')", None, MAIL),
    ("imaplib", "import imaplib", "imaplib.IMAP4('mail')", "imaplib.IMAP4('mail', timeout=5)", MAIL),
    ("poplib", "import poplib", "poplib.POP3('mail')", "poplib.POP3('mail', timeout=5)", MAIL),
    ("subprocess", "import subprocess", "subprocess.run(['a'])", "subprocess.run(['a'], timeout=5)", PROCESS),
    ("os-system", "import os", "os.system('a')", None, PROCESS),
    ("invoke", "import invoke", "invoke.run('a')", "invoke.run('a', timeout=5)", PROCESS),
    ("fabric", "from fabric import Connection", "Connection('host').run('a')", "Connection('host').run('a', timeout=5)", PROCESS),
]  # fmt: skip


def file(imports: str, call: str) -> bytes:
    return f"{imports}\n\nURL = 'https://rates.example'\n\nasync def asked(who, mail):\n    return {call}\n".encode()


@cache
def judged(column: int) -> Judged:
    """All the calls of one column, as one project: a file for each library."""
    return judge({f"app/{row[0].replace('-', '_')}_calls.py": file(row[1], row[column]) for row in TABLE if row[column]}, RULES)


def said(column: int, library: str) -> list[str]:
    path = f"app/{library.replace('-', '_')}_calls.py"
    found = judged(column)
    assert not found.problems
    return [one.rule for one in found.findings if one.at.path == path]


@pytest.mark.parametrize(("library", "rule"), [(row[0], row[4]) for row in TABLE if row[2]])
def test_a_call_without_limit_is_found(library: str, rule: str) -> None:
    assert said(2, library) == [rule]


@pytest.mark.parametrize("library", [row[0] for row in TABLE if row[3]])
def test_a_call_with_a_limit_is_left_alone(library: str) -> None:
    assert said(3, library) == []
    path = f"app/{library.replace('-', '_')}_calls.py"
    assert [one.why for one in judged(3).unjudged if one.at.path == path] == [], "known, and not only not understood"
