from vllm.utils.torch_utils import supports_xccl


class Platform:
    def __init__(self, backend, distributed=supports_xccl()): ...
