namespace FerroLB.Lab.Network;

/// <summary>Who takes, besides frames, packets of which only the way is modelled and not the octets of their headers.</summary>
public interface IPacketReceiver
{
    /// <summary>A packet to a group arrived at the port.</summary>
    void Receive(LanPort port, GroupPacket packet);
}
