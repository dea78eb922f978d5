"""A Kafka cluster of one broker in memory: the mock of librdkafka (Debian's librdkafka1). Prints its address, then obeys lines:
topic NAME PARTITIONS | down | up | rtt MS. Answers each with "ok" or "error CODE". Ends with its standard input."""
import ctypes
import sys

LIBRARY = ctypes.CDLL("librdkafka.so.1")
POINTER, INTEGER, TEXT = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
SIGNATURES = {
    "rd_kafka_conf_new": (POINTER, []),
    "rd_kafka_new": (POINTER, [INTEGER, POINTER, TEXT, ctypes.c_size_t]),
    "rd_kafka_mock_cluster_new": (POINTER, [POINTER, INTEGER]),
    "rd_kafka_mock_cluster_bootstraps": (TEXT, [POINTER]),
    "rd_kafka_mock_topic_create": (INTEGER, [POINTER, TEXT, INTEGER, INTEGER]),
    "rd_kafka_mock_broker_set_down": (INTEGER, [POINTER, INTEGER]),
    "rd_kafka_mock_broker_set_up": (INTEGER, [POINTER, INTEGER]),
    "rd_kafka_mock_broker_set_rtt": (INTEGER, [POINTER, INTEGER, INTEGER]),
}
for name, (result, arguments) in SIGNATURES.items():
    function = getattr(LIBRARY, name)
    function.restype, function.argtypes = result, arguments

BROKER = 1
reason = ctypes.create_string_buffer(512)
handle = LIBRARY.rd_kafka_new(0, LIBRARY.rd_kafka_conf_new(), reason, len(reason))
cluster = LIBRARY.rd_kafka_mock_cluster_new(handle, 1)
print(LIBRARY.rd_kafka_mock_cluster_bootstraps(cluster).decode(), flush=True)

for line in sys.stdin:
    command, *values = line.split()
    if command == "topic":
        code = LIBRARY.rd_kafka_mock_topic_create(cluster, values[0].encode(), int(values[1]), 1)
    elif command == "down":
        code = LIBRARY.rd_kafka_mock_broker_set_down(cluster, BROKER)
    elif command == "up":
        code = LIBRARY.rd_kafka_mock_broker_set_up(cluster, BROKER)
    elif command == "rtt":
        code = LIBRARY.rd_kafka_mock_broker_set_rtt(cluster, BROKER, int(values[0]))
    else:
        code = -1
    print("ok" if code == 0 else f"error {code}", flush=True)
