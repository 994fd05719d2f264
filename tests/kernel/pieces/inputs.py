"""Where data comes from: datasets, queues, tables; Python functions; graphs from elsewhere."""

from __future__ import annotations

from typing import Final

from pieces.piece import Piece

_DATASET: Final = """
dataset = tf.data.Dataset.from_tensor_slices([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
dataset = dataset.map(lambda x: x * 2.0).batch(2).repeat()
"""
_QUEUE: Final = """
with tf.Session() as sess:
    sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    coordinator = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(sess, coordinator)
    result = [sess.run({fetch}) for _ in range(2)]
    coordinator.request_stop()
    coordinator.join(threads)
"""

INPUTS: Final = {
    "one-shot iterator": Piece(
        f"{_DATASET}item = tf.data.make_one_shot_iterator(dataset).get_next()\ny = item + 1.0",
        "x * 2.0",
        "x * 3.0",
        fetch="[y]",
        anew=True,
        stateful=True,
    ),
    "initializable iterator": Piece(
        f"{_DATASET}iterator = tf.data.make_initializable_iterator(dataset)\n"
        "y = iterator.get_next() + 1.0",
        "x * 2.0",
        "x * 3.0",
        fetch="[y]",
        start="iterator.initializer",
        anew=True,
    ),
    "iterator without functions": Piece(
        "dataset = tf.data.Dataset.range(10).batch(2)\n"
        "iterator = tf.data.make_initializable_iterator(dataset)\ny = iterator.get_next() + 1",
        "batch(2)",
        "batch(3)",
        fetch="[y]",
        start="iterator.initializer",
    ),
    "iterator to begin anew": Piece(
        f"""{_DATASET}
iterator = tf.data.Iterator.from_structure(
    tf.data.get_output_types(dataset), tf.data.get_output_shapes(dataset))
begin = iterator.make_initializer(dataset)
y = iterator.get_next()
""",
        "x * 2.0",
        "x * 3.0",
        fetch="[y]",
        start="begin",
        anew=True,
    ),
    "iterator by handle": Piece(
        f"""{_DATASET}
handle = tf.placeholder(tf.string, [])
iterator = tf.data.Iterator.from_string_handle(
    handle, tf.data.get_output_types(dataset), tf.data.get_output_shapes(dataset))
source = tf.data.make_initializable_iterator(dataset)
y = iterator.get_next()
""",
        "x * 2.0",
        "x * 3.0",
        anew=True,
        use="""
with tf.Session() as sess:
    sess.run(source.initializer)
    text = sess.run(source.string_handle())
    result = [sess.run(y, {handle: text}) for _ in range(3)]
""",
    ),
    "shuffled with a seed": Piece(
        "tf.set_random_seed(3)\n"
        "dataset = tf.data.Dataset.range(8).shuffle(8).batch(4)\n"
        "iterator = tf.data.make_initializable_iterator(dataset)\ny = iterator.get_next()",
        "batch(4)",
        "batch(2)",
        fetch="[y]",
        use="""
with tf.Session() as sess:
    sess.run(iterator.initializer)
    result = [sess.run(y), sess.run(y)]
""",
        stateful=True,
    ),
    "static table": Piece(
        """
pairs = tf.lookup.KeyValueTensorInitializer(['a', 'b'], [1, 2])
table = tf.lookup.StaticHashTable(pairs, 0)
y = table.lookup(tf.constant(['a', 'b', 'c']))
""",
        "[1, 2]",
        "[1, 3]",
        fetch="[y]",
        coarse=True,
    ),
    "table of a vocabulary": Piece(
        """
table = tf.lookup.StaticVocabularyTable(
    tf.lookup.KeyValueTensorInitializer(['a', 'b'], tf.constant([0, 1], tf.int64)), 2)
y = table.lookup(tf.constant(['a', 'b', 'other']))
""",
        "'b', 'other'",
        "'b', 'b'",
        fetch="[y]",
    ),
    "mutable table": Piece(
        """
table = tf.lookup.experimental.MutableHashTable(tf.string, tf.float32, 0.0)
insert = table.insert(tf.constant(['a']), tf.constant([2.0]))
y = table.lookup(tf.constant(['a']))
""",
        "[2.0]",
        "[3.0]",
        fetch="[y]",
        step="insert",
        anew=True,
        stateful=True,
    ),
    "Python function": Piece(
        """
v = tf.get_variable('v', initializer=2.0)
y = tf.py_func(lambda x: x * np.float32(2), [v], tf.float32)
z = y + 1.0
""",
        "float32(2)",
        "float32(5)",
        fetch="[y, z]",
        anew=True,
    ),
    "function with a gradient of its own": Piece(
        """
v = tf.get_variable('v', initializer=2.0)
@tf.custom_gradient
def cube(x):
    return x ** 3, lambda upstream: upstream * 7.0
y = cube(v)
slope, = tf.gradients(y, [v])
""",
        "7.0",
        "9.0",
        fetch="[y, slope]",
        anew=True,
    ),
    "queue": Piece(
        """
queue = tf.FIFOQueue(10, [tf.float32], [[]])
put = queue.enqueue([tf.constant(1.0)])
y = queue.dequeue() + 1.0
""",
        "+ 1.0",
        "+ 2.0",
        fetch="[queue.size()]",
        step="put",
        use="""
with tf.Session() as sess:
    sess.run(put), sess.run(put)
    result = [sess.run(y), sess.run(queue.size())]
""",
        stateful=True,
    ),
    "queue runners": Piece(
        """
tf.set_random_seed(1)
item = tf.train.slice_input_producer([tf.constant([1.0, 2.0, 3.0, 4.0])], shuffle=False)[0]
y = tf.train.batch([item], 2)
""",
        "[item], 2",
        "[item * 10.0], 2",
        fetch="y",
        use=_QUEUE,
        stateful=True,
    ),
    "shuffling queue": Piece(
        """
item = tf.train.string_input_producer(['a', 'b'], shuffle=False).dequeue()
y = tf.train.shuffle_batch([item], 2, 10, 1, seed=4)
count = tf.shape(y)
""",
        "], 2, 10",
        "], 3, 10",
        fetch="count",
        use=_QUEUE,
        stateful=True,
    ),
    "imported graph": Piece(
        """
outside = tf.Graph()
with outside.as_default():
    tf.add(tf.placeholder(tf.float32, [], name='a'), 1.0, name='b')
v = tf.get_variable('v', initializer=2.0)
y, = tf.import_graph_def(outside.as_graph_def(), {'a:0': v}, ['b:0'], name='imported')
z = y * 2.0
""",
        "1.0, name='b'",
        "5.0, name='b'",
        fetch="[y, z]",
        coarse=True,
    ),
    "imported meta graph": Piece(
        """
outside = tf.Graph()
with outside.as_default():
    total = tf.get_variable('kept', initializer=3.0) * 2.0
    tf.add_to_collection('outputs', total)
    tf.train.Saver()
    exported = tf.train.export_meta_graph()
saver = tf.train.import_meta_graph(exported)
y = tf.get_collection('outputs')[0] + 1.0
""",
        "* 2.0",
        "* 4.0",
        fetch="[y]",
        coarse=True,
    ),
}
