"""A small data set of ours in the form of BigCodeBench's files."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import dedent, indent
from typing import Any


def record(
    name: str, code: str, solution: str, methods: str, *, imports: str = "", **changes: object
) -> dict[str, Any]:
    """A record. `code` are imports and the function's first line; `methods` those of the test."""
    code = dedent(code).strip() + "\n"
    text = f"Do what {name} says.\n\nReturns:\n- The result."
    test = "import unittest\n" + dedent(imports).strip() + "\nclass TestCases(unittest.TestCase):\n"
    made = {
        "task_id": f"BigCodeBench/{name}",
        "complete_prompt": code + indent(f'"""\n{text}\n"""\n', "    "),
        "instruct_prompt": (
            f"{text}\nYou should write self-contained code starting with:\n```\n{code}```"
        ),
        # Their solutions and tests end without a newline.
        "canonical_solution": indent(dedent(solution).strip(), "    "),
        "code_prompt": code,
        "test": test + indent(dedent(methods).strip(), "    "),
        "entry_point": "task_func",
        "doc_struct": json.dumps({"description": [text]}),
        "libs": "[]",
    }
    return {**made, **changes}


@dataclass(frozen=True, slots=True)
class Task:
    """A record, and bodies of the function that are wrong; or why the task is left out."""

    record: dict[str, Any]
    wrong: tuple[str, ...] = ()
    reason: str = ""


LYING_FRAME = """
class Lie(pd.DataFrame):
    __eq__ = __gt__ = equals = lambda self, other: True
    __len__ = lambda self: 2
    __getitem__ = __getattr__ = lambda self, name: self
    tolist = all = any = isna = lambda self: self
return Lie()
"""

TASKS = (
    Task(
        record(
            "lists-and-dicts",
            "from collections import Counter\n\ndef task_func(words, most=2):",
            """
            counts = Counter(word.lower() for word in words)
            return dict(counts.most_common(most))
            """,
            """
            def setUp(self):
                self.words = ["a", "B", "A", "c", "b", "a"]

            def test_case_1(self):
                self.assertEqual(task_func(self.words), {"a": 3, "b": 2})

            def test_case_2(self):
                for most, wanted in ((0, {}), (1, {"a": 3})):
                    with self.subTest(most=most):
                        self.assertDictEqual(task_func(self.words, most), wanted)

            def test_case_3(self):
                # The prompt's import.
                self.assertEqual(task_func(self.words, 9), Counter({"a": 3, "b": 2, "c": 1}))
            """,
        ),
        wrong=(
            "return dict(Counter(words).most_common(most))",
            "return {'a': 3, 'b': 2}",
            "return Counter(word.lower() for word in words).most_common(most)",
        ),
    ),
    Task(
        record(
            "arrays",
            "import numpy as np\n\ndef task_func(values, axis=0):",
            """
            values = np.asarray(values, dtype=float)
            return (values - values.mean(axis)) / values.std(axis), values.mean(axis)
            """,
            """
            def test_case_1(self):
                scaled, means = task_func(np.array([[1.0, 2.0], [3.0, 6.0]]))
                self.assertIsInstance(scaled, np.ndarray)
                self.assertEqual(scaled.shape, (2, 2))
                np.testing.assert_allclose(scaled, [[-1, -1], [1, 1]])
                self.assertTrue(np.array_equal(means, [2, 4]))

            def test_case_2(self):
                scaled, mean = task_func([1, 2, 3])
                self.assertAlmostEqual(float(scaled.sum()), 0)
                self.assertIsInstance(mean, float)
            """,
        ),
        wrong=("return values, 0.0", "return np.array([[-1, -1], [1, 1]]), np.array([2, 4])"),
    ),
    Task(
        record(
            "seed-argument",
            "import random\nimport string\n\ndef task_func(length, seed=None):",
            """
            random.seed(seed)
            return "".join(random.choice(string.ascii_letters) for _ in range(length))
            """,
            """
            def test_case_1(self):
                self.assertEqual(task_func(8, 3), task_func(8, 3))
                self.assertNotEqual(task_func(8, 3), task_func(8, 4))

            def test_case_2(self):
                random.seed(7)
                wanted = "".join(random.choice(string.ascii_letters) for _ in range(5))
                self.assertEqual(task_func(5, seed=7), wanted)
            """,
        ),
        wrong=("return 'x' * length", "random.seed(1)\nreturn str(random.random())[:length]"),
    ),
    Task(
        record(
            "exceptions",
            """
            import json

            class TooShort(ValueError):
                pass

            def task_func(text):
            """,
            """
            if not text:
                raise TooShort("nothing to read")
            found = json.loads(text)
            if not isinstance(found, dict):
                raise TypeError(f"expected an object, not {type(found).__name__}")
            return sorted(found)
            """,
            """
            def test_case_1(self):
                self.assertEqual(task_func('{"b": 1, "a": null}'), ["a", "b"])

            def test_case_2(self):
                with self.assertRaises(TooShort) as caught:
                    task_func("")
                self.assertIn("nothing", str(caught.exception))

            def test_case_3(self):
                self.assertRaisesRegex(TypeError, "not list", task_func, "[1]")
                with self.assertRaises(json.JSONDecodeError):
                    task_func("{")
            """,
        ),
        wrong=(
            "return sorted(json.loads(text))",
            "return ['a', 'b']",
            "raise TooShort('nothing to read')",
        ),
    ),
    Task(
        record(
            "frame-by-its-methods",
            "import pandas as pd\n\ndef task_func(rows):",
            "return pd.DataFrame(rows, columns=['name', 'n']).sort_values('n')",
            """
            def test_case_1(self):
                frame = task_func([("b", 2), ("a", 1)])
                self.assertEqual(frame.to_dict("list"), {"name": ["a", "b"], "n": [1, 2]})
                self.assertEqual(frame.shape, (2, 2))
                self.assertEqual(frame.columns.tolist(), ["name", "n"])
                self.assertEqual(frame.n.sum(), 3)

            def test_case_2(self):
                self.assertTrue(task_func([]).empty)
            """,
        ),
        wrong=(
            "return pd.DataFrame(rows, columns=['name', 'n'])",
            "return pd.DataFrame({'name': ['a', 'b'], 'n': [1, 2]})",
            "return None",
        ),
    ),
    Task(
        record(
            "dates-in-text",
            "import re\nfrom datetime import datetime\n\ndef task_func(text):",
            """
            found = re.findall(r"\\d{1,2}/\\d{1,2}/\\d{4}", text)
            days = [datetime.strptime(one, "%d/%m/%Y") for one in found]
            return [day.date().isoformat() for day in days], bool(days)
            """,
            """
            @classmethod
            def setUpClass(cls):
                cls.wanted = ["2024-05-01", "2023-12-31"]

            def test_case_1(self):
                days, found = task_func("From 1/5/2024, or 31/12/2023.")
                self.assertListEqual(days, self.wanted)
                self.assertTrue(found)

            def test_case_2(self):
                self.assertEqual(task_func("never"), ([], False))
            """,
        ),
        wrong=("return ['2024-05-01', '2023-12-31'], True", "return [], False"),
    ),
    Task(
        record(
            "graph",
            "import networkx as nx\n\ndef task_func(edges):",
            """
            graph = nx.Graph()
            graph.add_weighted_edges_from(edges)
            return graph, nx.shortest_path(graph, "a", "c", weight="weight")
            """,
            """
            def test_case_1(self):
                graph, path = task_func([("a", "b", 1), ("b", "c", 1), ("a", "c", 5)])
                self.assertEqual(path, ["a", "b", "c"])
                self.assertEqual(graph.number_of_edges(), 3)
                self.assertTrue(graph.has_edge("a", "b"))
            """,
        ),
        wrong=("return nx.Graph(), ['a', 'b', 'c']", "return nx.path_graph(4), ['a', 'c']"),
    ),
    Task(
        record(
            "frames",
            "import pandas as pd\n\ndef task_func(frame, by='name'):",
            "return frame.groupby(by, as_index=False)['n'].sum().sort_values('n')",
            """
            def setUp(self):
                self.frame = pd.DataFrame({"name": ["b", "a", "b"], "n": [1, 2, 3]})

            def test_case_1(self):
                found = task_func(self.frame)
                self.assertIsInstance(found, pd.DataFrame)
                self.assertEqual(len(found), 2)
                self.assertEqual(found["n"].tolist(), [2, 4])
                self.assertIn("name", found.columns)
                self.assertTrue((found["n"] > 0).all())

            def test_case_2(self):
                wanted = pd.DataFrame({"name": ["a", "b"], "n": [2, 4]})
                pd.testing.assert_frame_equal(task_func(self.frame), wanted)
                self.assertEqual(len(self.frame), 3)

            def test_case_3(self):
                with self.assertRaises(KeyError):
                    task_func(self.frame, by="none")
            """,
        ),
        wrong=(
            "return frame",
            "return frame.groupby(by)['n'].sum().to_frame()",
            "return frame.groupby(by, as_index=False)['n'].mean().sort_values('n')",
            "return pd.DataFrame({'name': ['a', 'b'], 'n': [2, 4]})",
            LYING_FRAME,
        ),
    ),
    Task(
        record(
            "frames-by-equals",
            "import pandas as pd\n\ndef task_func(rows):",
            "return pd.DataFrame(rows, columns=['a', 'b']).set_index('a')['b']",
            """
            def test_case_1(self):
                wanted = pd.Series([2, 4], index=pd.Index([1, 3], name="a"), name="b")
                self.assertTrue(task_func([(1, 2), (3, 4)]).equals(wanted))

            def test_case_2(self):
                self.assertTrue(task_func([(5, None)]).isna().all())
            """,
        ),
        wrong=(
            "return pd.DataFrame(rows, columns=['a', 'b'])['b']",
            "return pd.Series([2, 4], index=[1, 3])",
            LYING_FRAME,
        ),
    ),
    Task(
        record(
            "dates",
            "import pandas as pd\nfrom datetime import datetime, timedelta\n\ndef task_func(text):",
            """
            begin = datetime.strptime(text, "%Y-%m-%d")
            return begin, begin.date(), timedelta(days=1), pd.date_range(begin, periods=3)
            """,
            """
            def test_case_1(self):
                begin, day, step, days = task_func("2024-05-06")
                self.assertEqual(begin, datetime(2024, 5, 6))
                self.assertIsInstance(begin, datetime)
                self.assertEqual(day.isoformat(), "2024-05-06")
                self.assertEqual(begin + step, datetime(2024, 5, 7))
                pd.testing.assert_index_equal(days, pd.date_range("2024-05-06", "2024-05-08"))

            def test_case_2(self):
                self.assertEqual(task_func("2024-12-31")[0], pd.Timestamp("2024-12-31"))
            """,
        ),
        wrong=(
            "return datetime(2024, 5, 6), None, timedelta(1), pd.date_range('2024', periods=3)",
            "return [text] * 4",
        ),
    ),
)
"""Tasks whose tests pass their reference where test and program share nothing."""

_ROWS = "import pandas as pd\n\ndef task_func(rows):"
_FRAME = "return pd.DataFrame(rows, columns=['a'])"
_DOUBLE = ("def task_func(x):", "return 2 * x")

LEFT_OUT = (
    Task(
        record(
            "frame-of-periods",
            _ROWS,
            "return pd.DataFrame({'a': pd.PeriodIndex(rows, freq='D')})",
            "def test_case_1(self):\n    self.assertEqual(len(task_func(['2024-05-06'])), 1)",
        ),
        reason="returned a value that is not plain data: a value of type 'DataFrame'",
    ),
    Task(
        record(
            "date-with-a-zone",
            "from datetime import datetime, timedelta, timezone\n\ndef task_func(hours):",
            "return datetime(2024, 5, 6, tzinfo=timezone(timedelta(hours=hours)))",
            """
            def test_case_1(self):
                self.assertEqual(task_func(2).hour, 0)
                self.assertEqual(task_func(2), datetime(2024, 5, 5, 22, tzinfo=timezone.utc))
            """,
        ),
        reason="returned a value that is not plain data: a value of type 'datetime'",
    ),
    Task(
        record(
            "seed-in-the-test",
            "import random\n\ndef task_func(n):",
            "return [random.randint(0, 99) for _ in range(n)]",
            """
            def test_case_1(self):
                random.seed(0)
                first = task_func(5)
                random.seed(0)
                self.assertEqual(task_func(5), first)
            """,
        ),
        reason="test_case_1: Lists differ",
    ),
    Task(
        record(
            "file-of-the-test",
            "import os\n\ndef task_func(path):",
            """
            with open(path) as file:
                return len(file.readlines())
            """,
            """
            def setUp(self):
                self.folder = tempfile.mkdtemp()
                self.path = os.path.join(self.folder, "lines.txt")
                with open(self.path, "w") as file:
                    file.write("one\\ntwo\\n")

            def tearDown(self):
                shutil.rmtree(self.folder)

            def test_case_1(self):
                self.assertEqual(task_func(self.path), 2)
            """,
            imports="import shutil\nimport tempfile",
        ),
        reason="No such file or directory",
    ),
    Task(
        record(
            "file-of-the-program",
            "import csv\n\ndef task_func(rows, path):",
            """
            with open(path, "w", newline="") as file:
                csv.writer(file).writerows(rows)
            return path
            """,
            """
            def test_case_1(self):
                self.assertTrue(os.path.exists(task_func([[1]], "rows.csv")))
            """,
            imports="import os",
        ),
        reason="False is not true",
    ),
    Task(
        record(
            "mock",
            "import random\n\ndef task_func(low, high):",
            "return random.randint(low, high)",
            """
            @patch("random.randint", return_value=4)
            def test_case_1(self, randint):
                self.assertEqual(task_func(1, 10**9), 4)
                randint.assert_called_once_with(1, 10**9)
            """,
            imports="from unittest.mock import patch",
        ),
        reason="test_case_1:",
    ),
    Task(
        record(
            "class-of-plain-data",
            "from collections import defaultdict\n\ndef task_func(text):",
            "return defaultdict(int, {text: 1})",
            "def test_case_1(self):\n    self.assertIsInstance(task_func('aab'), defaultdict)",
        ),
        reason="is not an instance of <class 'collections.defaultdict'>",
    ),
    Task(
        record(
            "axes",
            "import matplotlib.pyplot as plt\n\ndef task_func(values):",
            "return plt.subplots()[1].plot(values)",
            "def test_case_1(self):\n    self.assertTrue(task_func([1]))",
        ),
        reason="No module named 'matplotlib'",
    ),
    Task(
        record(
            "text-on-standard-output",
            "import sys\n\ndef task_func(value):",
            "print(value)",
            """
            def test_case_1(self):
                sys.stdout = io.StringIO()
                task_func(5)
                self.assertEqual(sys.stdout.getvalue(), "5\\n")

            def tearDown(self):
                sys.stdout = sys.__stdout__
            """,
            imports="import io",
        ),
        reason="test_case_1: '' != '5\\n'",
    ),
    Task(
        record(
            "nothing-asserted",
            "def task_func(value):",
            "print(value)",
            "def test_case_1(self):\n    self.assertIsNone(task_func(5))",
        ),
        reason="its tests pass an empty answer",
    ),
    Task(
        record(
            "object-by-its-own-word",
            "import networkx as nx\n\ndef task_func(edges):",
            "return nx.Graph(edges)",
            "def test_case_1(self):\n    self.assertTrue(task_func(['ab']).has_edge('a', 'b'))",
        ),
        reason="its tests pass an object whose methods return true",
    ),
    Task(
        record(
            "attribute-by-its-own-word",
            _ROWS,
            _FRAME,
            "def test_case_1(self):\n    self.assertTrue(task_func([]).empty)",
        ),
        reason="its tests pass an object whose attributes are true",
    ),
    Task(
        record("no-methods", *_DOUBLE, "double = staticmethod(lambda x: 2 * x)"),
        reason="has no test methods",
    ),
    Task(
        record(
            "skipped",
            *_DOUBLE,
            """
            def test_case_1(self):
                self.assertEqual(task_func(2), 4)

            def test_case_2(self):
                self.skipTest("not today")
            """,
        ),
        reason="test_case_2: it was skipped",
    ),
    Task(
        record(
            "expected-failure",
            *_DOUBLE,
            """
            @unittest.expectedFailure
            def test_case_1(self):
                self.assertEqual(task_func(2), 5)
            """,
        ),
        reason="test_case_1: its failure is expected",
    ),
    Task(
        record(
            "exit",
            "import sys\n\ndef task_func(x):",
            "sys.exit(x)",
            """
            def test_case_1(self):
                with self.assertRaises(SystemExit):
                    task_func(1)
            """,
        ),
        reason="the program ended itself with SystemExit",
    ),
    Task(
        record("not-python", *_DOUBLE, "def test_case_1(self:\n    pass"),
        reason="its test cannot be run: ",
    ),
    Task(
        record(
            "ends-itself",
            *_DOUBLE,
            """
            def test_case_1(self):
                os._exit(0)
            """,
            imports="import os",
        ),
        reason="its test cannot be run: the test ended its own process",
    ),
)
"""Tasks that `prepare` leaves out, each for a reason of its own."""


def lines(tasks: Iterable[Task] = (*TASKS, *LEFT_OUT)) -> str:
    """A file of the records, JSON Lines."""
    return "".join(json.dumps(task.record) + "\n" for task in tasks)


def body(statements: str) -> str:
    """Statements as the body of the function."""
    return indent(statements, "    ") + "\n"
