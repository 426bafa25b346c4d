using System.Runtime.InteropServices;

namespace FerroLB.Runtime.Linux;

/// <summary>The Linux system calls that the link loop needs and .NET has no class for. Constants are those of the generic 64-bit ABI
/// (x86-64, arm64).</summary>
internal static unsafe partial class Libc
{
    public const int AddressFamilyInet6 = 10;
    public const int AddressFamilyNetlink = 16;
    public const int AddressFamilyPacket = 17;
    public const int SocketDatagram = 2;
    public const int SocketRaw = 3;
    public const int SocketNonBlocking = 0x800;
    public const int SocketCloseOnExec = 0x80000;
    public const int LevelSocket = 1;
    public const int LevelIpv6 = 41;
    public const int OptionJoinGroup = 20;
    public const int OptionLeaveGroup = 21;
    public const int OptionReceiveBuffer = 8;
    public const int OptionAttachFilter = 26;
    public const int EventNonBlocking = 0x800;
    public const int EventCloseOnExec = 0x80000;
    public const int MessageDontWait = 0x40;
    public const int MessageTruncated = 0x20;
    public const short PollIn = 1;
    public const int PriorityOfProcess = 0;

    public const int ErrorNotPermitted = 1;
    public const int ErrorInterrupted = 4;
    public const int ErrorAgain = 11;
    public const int ErrorNoMemory = 12;
    public const int ErrorAccess = 13;
    public const int ErrorNoBufferSpace = 105;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int fd, void* address, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSocketOption(int fd, int level, int option, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int fd, void* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int fd, void* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(int fd, MessageSlot* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(int fd, MessageSlot* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    public static partial int Poll(PollSlot* slots, ulong count, TimeSpec* timeout, void* signals);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "gettid")]
    public static partial int GetThreadId();

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    public static partial int SetPriority(int which, uint who, int niceness);
}

/// <summary>struct sockaddr_ll: an interface as the address of a packet socket.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LinkSocketAddress
{
    /// <summary>AF_PACKET.</summary>
    public ushort Family;

    /// <summary>The EtherType in network order; 0 receives nothing.</summary>
    public ushort Protocol;

    /// <summary>The interface's index.</summary>
    public int LinkIndex;

    /// <summary>Filled by the kernel.</summary>
    public ushort HardwareType;

    /// <summary>Filled by the kernel.</summary>
    public byte PacketType;

    /// <summary>Octets used in <see cref="HardwareAddress"/>.</summary>
    public byte HardwareLength;

    /// <summary>The hardware address.</summary>
    public fixed byte HardwareAddress[8];
}

/// <summary>struct sockaddr_nl: the kernel, or multicast groups of it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetlinkSocketAddress
{
    /// <summary>AF_NETLINK.</summary>
    public ushort Family;

    /// <summary>Unused.</summary>
    public ushort Padding;

    /// <summary>0 lets the kernel choose.</summary>
    public uint PortId;

    /// <summary>Bit mask of groups to hear.</summary>
    public uint Groups;
}

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    /// <summary>Where the octets are.</summary>
    public byte* Start;

    /// <summary>How many.</summary>
    public nuint Length;
}

/// <summary>struct mmsghdr: one message of a batch.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageSlot
{
    /// <summary>The peer's address, or null.</summary>
    public void* Name;

    /// <summary>Octets at <see cref="Name"/>.</summary>
    public uint NameLength;

    /// <summary>The message's pieces.</summary>
    public IoVector* Vectors;

    /// <summary>How many pieces.</summary>
    public nuint VectorCount;

    /// <summary>Ancillary data, or null.</summary>
    public void* Control;

    /// <summary>Octets at <see cref="Control"/>.</summary>
    public nuint ControlLength;

    /// <summary>Flags of the received message.</summary>
    public int Flags;

    /// <summary>The end of struct msghdr, which is a multiple of 8 octets long.</summary>
    public int Padding;

    /// <summary>Octets received or sent.</summary>
    public uint Length;
}

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollSlot
{
    /// <summary>The descriptor.</summary>
    public int Descriptor;

    /// <summary>What to wait for.</summary>
    public short Events;

    /// <summary>What happened.</summary>
    public short Returned;
}

/// <summary>struct timespec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    /// <summary>Whole seconds.</summary>
    public long Seconds;

    /// <summary>0-999,999,999.</summary>
    public long Nanoseconds;
}

/// <summary>struct sock_fprog: a filter program.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FilterProgram
{
    /// <summary>How many instructions.</summary>
    public ushort Length;

    /// <summary>The instructions.</summary>
    public BpfInstruction* Instructions;
}
